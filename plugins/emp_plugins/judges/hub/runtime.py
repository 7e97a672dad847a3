"""Texts through a transformers model: batched by length, deduplicated, remembered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from emp_plugins.errors import InputError
from emp_plugins.judges.memo import Memo

if TYPE_CHECKING:
    from emp_plugins.judges.hub.spec import HubSpec

REMEMBERED = 8192
"""Texts whose rows are kept."""

TOKENS = {"cpu": 512, "cuda": 16_384}
"""Padded tokens in one pass, by device."""

LOG = logging.getLogger(__name__)


class TextModel:
    """A resident model that turns a text, or a pair of texts, into one row of numbers.

    Rows are the logits of a classification or regression head, or the mean of the last hidden
    states. Each distinct text is tokenised and scored once and then remembered. Texts are sorted
    by length and padded only to the longest of their pass, so that little is spent on padding; in
    float32 a row does not depend on its neighbours (to about 1e-6 of its size).

    A pass that runs out of memory is repeated with half of its tokens, down to a single text. Any
    other failure of the model is passed on as it is, and nothing of that call is remembered.

    Attributes:
        name: What to call the judge in messages, for example ``judges.emotion (a/model)``.
        width: Length of a row, D.
        config: The model's configuration.
        labels: Names of the head's outputs, in order; ``LABEL_0`` and so on where it has none.
        max_length: Tokens that a text is cut at.
        tokens_per_batch: Padded tokens in one pass at most; halved when memory ran out.
        truncated: How many distinct texts were cut so far.

    Args:
        model: A transformers model in eval mode, on its device.
        tokenizer: Its tokenizer, with a pad token.
        read: Model output and attention mask (B, T) to rows (B, D).
        name: For messages.
        width: D.
        max_length: Tokens that a text is cut at.
        tokens_per_batch: Padded tokens in one pass.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        read: Callable[[Any, Any], Any],
        *,
        name: str,
        width: int,
        max_length: int,
        tokens_per_batch: int,
    ) -> None:
        self.name = name
        self.width = width
        self.config = model.config
        self.max_length = max_length
        self.tokens_per_batch = tokens_per_batch
        self.truncated = 0
        self._model = model
        self._tokenizer = tokenizer
        self._read = read
        self._memo = Memo(REMEMBERED)
        self._running = threading.Lock()

    @classmethod
    def load(cls, kind: str, spec: HubSpec, head: Literal["logits", "mean"]) -> TextModel:
        """Loads a checkpoint once; the judge that asks keeps it.

        Args:
            kind: Kind of judge, for messages.
            spec: Where the checkpoint is and how it runs.
            head: ``logits`` of the sequence-classification head, (N, K); or ``mean`` of the last
                hidden states over the text's tokens, (N, H), of the bare encoder.

        Returns:
            The model.

        Raises:
            InputError: The checkpoint is missing, private, without safetensors, without a trained
                head, or does not fit the settings; one line that says what to do.
        """
        from emp_plugins.judges.hub import loading

        name = f"judges.{kind} ({spec.model})"
        model, tokenizer = loading.load(name, spec, head)
        return cls.of(name, spec, model, tokenizer, head)

    @classmethod
    def of(
        cls, name: str, spec: HubSpec, model: Any, tokenizer: Any, head: Literal["logits", "mean"]
    ) -> TextModel:
        """Wraps a model that something else loaded, such as a ``CrossEncoder``.

        Args:
            name: For messages.
            spec: Gives ``max_length`` and ``tokens_per_batch``.
            model: A transformers model on its device.
            tokenizer: Its tokenizer.
            head: See ``load``.

        Returns:
            The model.

        Raises:
            InputError: ``max_length`` is above the model's own, or the tokenizer does not fit.
        """
        from emp_plugins.judges.hub import loading
        from emp_plugins.judges.hub.onednn import speed_up

        loading.check_fit(name, spec.max_length, model, tokenizer)
        speed_up(model)
        logits = head == "logits"
        return cls(
            model.eval(),
            tokenizer,
            _logits if logits else _mean,
            name=name,
            width=model.config.num_labels if logits else model.config.hidden_size,
            max_length=spec.max_length,
            tokens_per_batch=spec.tokens_per_batch or TOKENS[model.device.type],
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the head's outputs, in order."""
        names = self.config.id2label
        return tuple(str(names[key]) for key in sorted(names, key=int))

    def forget(self) -> None:
        """Drops the rows that are remembered."""
        self._memo = Memo(REMEMBERED)

    @property
    def passes(self) -> int:
        """How many texts the model scored so far; remembered and repeated ones cost nothing."""
        return self._memo.computed

    def rows(self, texts: Sequence[str]) -> np.ndarray:
        """One row of numbers a text.

        Args:
            texts: N strings.

        Returns:
            (N, D) float64, a new array.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.
            ValueError: The model gave numbers that are not finite; says how many texts got them.
            InputError: A single text does not fit into memory.
        """
        if isinstance(texts, str):
            raise TypeError("a judge scores a list of strings, got one string")
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"a judge scores strings, got {type(text).__name__}")
        return self._fetch(texts)

    def pair_rows(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """One row of numbers a pair of texts, which go through the model together.

        Args:
            pairs: N pairs of strings.

        Returns:
            (N, D) float64, a new array.

        Raises:
            TypeError: An item is no pair of strings.
            ValueError: See ``rows``.
            InputError: See ``rows``.
        """
        keys = []
        for pair in pairs:
            if isinstance(pair, str):
                raise TypeError("a judge of pairs got a string for a pair")
            first, second = pair
            if not (isinstance(first, str) and isinstance(second, str)):
                raise TypeError("a judge of pairs compares two strings")
            keys.append((first, second))
        return self._fetch(keys)

    def _fetch(self, keys: Sequence[Any]) -> np.ndarray:
        with self._running:
            rows = self._memo.fetch(keys, self.compute)
        return np.array(rows, dtype=np.float64).reshape(len(rows), self.width)

    def compute(self, texts: Sequence[Any]) -> np.ndarray:
        """Scores texts without looking at what is remembered.

        Args:
            texts: N strings, or N pairs.

        Returns:
            (N, D) float32.

        Raises:
            ValueError: See ``rows``.
        """
        encoded = self._encode(texts)
        lengths = np.array([len(item["input_ids"]) for item in encoded])
        # Longest first: what does not fit into memory shows at once.
        order = np.argsort(-lengths, kind="stable")
        parts, start = [], 0
        while start < len(order):
            size = max(1, self.tokens_per_batch // int(lengths[order[start]]))
            batch = order[start : start + size]
            part = self._attempt([encoded[row] for row in batch])
            if part is None:
                self._halve(len(batch), int(lengths[batch[0]]))
                continue
            parts.append(part)
            start += len(batch)
        rows = np.empty((len(order), self.width), dtype=np.float32)
        rows[order] = np.concatenate(parts)
        bad = int((~np.isfinite(rows)).any(axis=1).sum())
        if bad:
            raise ValueError(
                f"{self.name}: {bad} of {len(rows)} scores are not finite; the weights are broken "
                "or overflow: try dtype: float32"
            )
        return rows

    def _encode(self, texts: Sequence[Any]) -> list[dict[str, list[int]]]:
        encoded = self._tokenise(texts, {"truncation": False, "verbose": False})
        long = [row for row, item in enumerate(encoded) if len(item["input_ids"]) > self.max_length]
        if long:
            limits = {"truncation": True, "max_length": self.max_length}
            cut = self._tokenise([texts[row] for row in long], limits)
            for row, item in zip(long, cut, strict=True):
                encoded[row] = item
            self.truncated += len(long)
        return encoded

    def _tokenise(self, texts: Sequence[Any], settings: dict) -> list[dict[str, list[int]]]:
        if isinstance(texts[0], str):
            columns = self._tokenizer([_clean(text) for text in texts], padding=False, **settings)
        else:
            first, second = zip(*texts, strict=True)
            columns = self._tokenizer(
                [_clean(text) for text in first],
                [_clean(text) for text in second],
                padding=False,
                **settings,
            )
        return [
            dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        ]

    def _attempt(self, batch: list[dict[str, list[int]]]) -> np.ndarray | None:
        """One pass; None where memory ran out."""
        import torch

        try:
            with torch.inference_mode():
                inputs = self._tokenizer.pad(batch, padding="longest", return_tensors="pt")
                inputs = {key: value.to(self._model.device) for key, value in inputs.items()}
                rows = self._read(self._model(**inputs), inputs["attention_mask"])
                return rows.float().cpu().numpy()
        except RuntimeError as error:
            if not _out_of_memory(error):
                raise
            return None

    def _halve(self, texts: int, length: int) -> None:
        import torch

        if texts == 1:
            raise InputError(
                f"{self.name}: out of memory on a single text of {length} tokens; lower "
                "max_length, set dtype: float16, or set device: cpu"
            )
        self.tokens_per_batch = max(1, texts * length // 2)
        LOG.warning("%s: out of memory; tokens_per_batch is %d", self.name, self.tokens_per_batch)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _logits(output: Any, mask: Any) -> Any:
    return output.logits


def _mean(output: Any, mask: Any) -> Any:
    states = output.last_hidden_state.float()
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1)


def _clean(text: str) -> str:
    """Lone surrogates, which no tokenizer takes, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _out_of_memory(error: RuntimeError) -> bool:
    import torch

    # On a CPU the allocator raises a plain RuntimeError.
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
