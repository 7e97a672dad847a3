"""A model in a local folder, by transformers."""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError
from emp_tooling.models import Messages, OnReply, Progress, quiet, unheard
from emp_tooling.models.loading import load, prompt
from emp_tooling.models.sampling import Sampling


class LocalModel:
    """A model, its tokenizer and, if there is one, its adapter, loaded once.

    Weights are read from safetensors only, nothing is downloaded and no code from the model's
    folder is run. It may be asked from several threads, and replies to one after the other.

    Attributes:
        name: The adapter's folder, or the model's.

    Example:
        ```python
        aligned = LocalModel("build/tiny_sft", adapter="build/tiny_grpo")
        after = aligned.reply(prompts, seed=0)
        before = aligned.without_adapter().reply(prompts, seed=0)
        ```
    """

    def __init__(
        self,
        model: str | Path,
        adapter: str | Path | None = None,
        *,
        sampling: Sampling | None = None,
        batch_size: int = 64,
        four_bit: bool = False,
    ) -> None:
        """Loads everything.

        Args:
            model: Folder of the base model, or of a merged one, and its tokenizer.
            adapter: Folder of a PEFT adapter on it.
            sampling: How tokens are drawn.
            batch_size: Prompts that run together.
            four_bit: Hold the base model's weights in 4 bits, as QLoRA trains on them; without
                bitsandbytes they are loaded as they are.

        Raises:
            InputError: A folder is missing or holds no safetensors, or the adapter does not fit.
        """
        self.name = str(adapter or model)
        self._base, self._adapter_on = str(model), adapter is not None
        self._sampling, self._batch_size = sampling or Sampling(), batch_size
        self._tokenizer, self._model = load(model, adapter, four_bit=four_bit)
        # The random state and the adapter's switch are there once, also for `without_adapter`.
        self._turn = threading.Lock()

    @property
    def has_adapter(self) -> bool:
        """Whether replies come from an adapter that can be switched off."""
        return self._adapter_on

    def without_adapter(self) -> LocalModel:
        """The base model: the same weights in memory, with the adapter switched off."""
        base = copy.copy(self)
        base.name, base._adapter_on = self._base, False
        return base

    def reply(
        self,
        prompts: Sequence[Messages],
        *,
        seed: int = 0,
        progress: Progress = quiet,
        on_reply: OnReply = unheard,
    ) -> list[str]:
        """Samples one reply to each prompt; the same seed and batch size give the same replies.

        See ``Model.reply``; ``on_reply`` hears of a batch at its end.

        Raises:
            InputError: The chat template refuses a prompt.
        """
        import torch

        texts = [prompt(messages, self._tokenizer) for messages in prompts]
        # Prompts of like length run together, so that little of a batch is padding.
        order = sorted(range(len(texts)), key=lambda index: (len(texts[index]), index))
        replies = [""] * len(texts)
        with self._generating():
            torch.manual_seed(seed)
            for start in range(0, len(order), self._batch_size):
                chosen = order[start : start + self._batch_size]
                batch = self._batch([texts[index] for index in chosen])
                for index, reply in zip(chosen, batch, strict=True):
                    replies[index] = reply
                    on_reply(index, reply)
                progress(start + len(chosen), len(order))
        return replies

    def stream(self, messages: Messages, *, seed: int | None = None) -> Iterator[str]:
        """Samples one reply piece by piece, see ``Model.stream``.

        The model runs in a thread of its own, which ends at its next token when the iterator is
        closed.

        Raises:
            InputError: The chat template refuses the prompt.
        """
        from emp_tooling.models.streaming import stream

        inputs = self._inputs([prompt(messages, self._tokenizer)])

        def generate(**options: Any) -> None:
            import torch

            with self._generating():
                torch.seed() if seed is None else torch.manual_seed(seed)
                self._generate(inputs, **options)

        return stream(generate, self._tokenizer)

    def close(self) -> None:
        """Frees the weights; those of ``without_adapter`` stay until it is closed too."""
        self._model = None

    def _batch(self, texts: list[str]) -> list[str]:
        inputs = self._inputs(texts)
        output = self._generate(inputs)
        fresh = output[:, inputs["input_ids"].shape[1] :]
        return self._tokenizer.batch_decode(fresh, skip_special_tokens=True)

    def _generate(self, inputs: Any, **options: Any) -> Any:
        settings = self._sampling.for_transformers(self._tokenizer, self._model)
        return self._model.generate(**inputs, generation_config=settings, **options)

    def _inputs(self, texts: list[str]) -> Any:
        if self._model is None:
            raise InputError(f"{self.name}: this model was closed")
        # The chat template already wrote the special tokens.
        return self._tokenizer(
            texts,
            return_tensors="pt",
            padding=True,
            padding_side="left",
            add_special_tokens=False,
            return_token_type_ids=False,
        ).to(self._model.device)

    @contextlib.contextmanager
    def _generating(self) -> Iterator[None]:
        import torch

        with self._turn, torch.inference_mode(), contextlib.ExitStack() as held:
            if not self._adapter_on and hasattr(self._model, "disable_adapter"):
                held.enter_context(self._model.disable_adapter())
            yield
