"""A model in a local folder, by transformers."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError
from emp_plugins.messages import rendered
from emp_tooling.models import Messages, Progress, quiet
from emp_tooling.models.sampling import Sampling


class LocalModel:
    """A model, its tokenizer and, if there is one, its adapter, loaded once.

    Weights are read from safetensors only, nothing is downloaded and no code from the model's
    folder is run.

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
    ) -> None:
        """Loads everything.

        Args:
            model: Folder of the base model and its tokenizer.
            adapter: Folder of a PEFT adapter on it.
            sampling: How tokens are drawn.
            batch_size: Prompts that run together.

        Raises:
            InputError: A folder is missing or holds no safetensors.
        """
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.name = str(adapter or model)
        self._base, self._adapter_on = str(model), adapter is not None
        self._sampling, self._batch_size = sampling or Sampling(), batch_size
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        options = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(model, **options)
            self._model = AutoModelForCausalLM.from_pretrained(
                model,
                use_safetensors=True,
                dtype="auto" if self._device == "cuda" else torch.float32,
                **options,
            )
        except (OSError, ValueError) as error:
            raise InputError(f"{model}: no usable model: {_first_line(error)}") from error
        if self._tokenizer.chat_template is None:
            raise InputError(f"{model}: its tokenizer has no chat template")
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        if adapter is not None:
            self._model = _with_adapter(self._model, Path(adapter))
        self._model.to(self._device).eval()

    def without_adapter(self) -> LocalModel:
        """The base model: the same weights in memory, with the adapter switched off."""
        base = copy.copy(self)
        base.name, base._adapter_on = self._base, False
        return base

    def reply(
        self, prompts: Sequence[Messages], *, seed: int = 0, progress: Progress = quiet
    ) -> list[str]:
        """Samples one reply to each prompt; the same seed and batch size give the same replies."""
        import torch

        texts = [rendered(prompt, self._tokenizer) for prompt in prompts]
        # Prompts of like length run together, so that little of a batch is padding.
        order = sorted(range(len(texts)), key=lambda index: (len(texts[index]), index))
        replies = [""] * len(texts)
        torch.manual_seed(seed)
        with torch.inference_mode(), self._adapter():
            for start in range(0, len(order), self._batch_size):
                chosen = order[start : start + self._batch_size]
                batch = self._batch([texts[index] for index in chosen])
                for index, reply in zip(chosen, batch, strict=True):
                    replies[index] = reply
                progress(start + len(chosen), len(order))
        return replies

    def close(self) -> None:
        """Frees the weights, also of what ``without_adapter`` gave."""
        self._model = None

    def _batch(self, texts: list[str]) -> list[str]:
        inputs = self._inputs(texts)
        output = self._model.generate(**inputs, generation_config=self._generation_config())
        fresh = output[:, inputs["input_ids"].shape[1] :]
        return self._tokenizer.batch_decode(fresh, skip_special_tokens=True)

    def _inputs(self, texts: list[str]) -> Any:
        # The chat template already wrote the special tokens.
        return self._tokenizer(
            texts,
            return_tensors="pt",
            padding=True,
            padding_side="left",
            add_special_tokens=False,
            return_token_type_ids=False,
        ).to(self._device)

    def _generation_config(self) -> Any:
        from transformers import GenerationConfig

        sampling = self._sampling
        greedy = sampling.temperature == 0
        drawn = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "min_p": sampling.min_p,
        }
        return GenerationConfig(
            max_new_tokens=sampling.max_new_tokens,
            do_sample=not greedy,
            repetition_penalty=sampling.repetition_penalty,
            bos_token_id=self._tokenizer.bos_token_id,
            eos_token_id=self._tokenizer.eos_token_id,
            pad_token_id=self._tokenizer.pad_token_id,
            **({} if greedy else drawn),
        )

    def _adapter(self) -> contextlib.AbstractContextManager[Any]:
        if not self._adapter_on and hasattr(self._model, "disable_adapter"):
            return self._model.disable_adapter()
        return contextlib.nullcontext()


def _with_adapter(model: Any, folder: Path) -> Any:
    from peft import PeftModel

    # Without this file PEFT would unpickle adapter_model.bin or ask the hub.
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / name).is_file():
            raise InputError(f"{folder}: no adapter here, {name} is missing")
    try:
        return PeftModel.from_pretrained(model, str(folder))
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{folder}: does not fit the model: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
