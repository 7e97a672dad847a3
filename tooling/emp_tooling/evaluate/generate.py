"""Sampling replies from a model in a local folder, as the training sampled them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError
from emp_plugins.transforms import fold_system
from emp_tooling.recipe import block

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn; the defaults are those of TRL's GRPO trainer.

    Attributes:
        max_new_tokens: Longest reply.
        temperature: Softmax temperature.
        top_p: Nucleus, 1 for all tokens.
        top_k: Number of tokens to draw from, 0 for all.
        min_p: Least probability relative to the likeliest token, or None.
        repetition_penalty: 1 for none.
    """

    max_new_tokens: int = 256
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float | None = None
    repetition_penalty: float = 1.0

    @classmethod
    def from_recipe(cls, recipe: dict[str, Any], path: str | Path) -> Sampling:
        """Takes the settings of a GRPO recipe's ``trl`` block.

        Args:
            recipe: The recipe.
            path: Its file, for messages.

        Returns:
            The settings; absent keys keep their defaults.

        Raises:
            InputError: A value is no number.
        """
        names = {"max_new_tokens": "max_completion_length"}
        given, trl = {}, block(recipe, "trl", path)
        for name in cls.__dataclass_fields__:
            key = names.get(name, name)
            value = trl.get(key)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise InputError(f"{path}: trl.{key}: expected a number from 0, got {value!r}")
            given[name] = value
        return cls(**given)


class Generator:
    """A model, its tokenizer and, if there is one, its adapter, loaded once.

    Weights are read from safetensors only, nothing is downloaded and no code from the model's
    folder is run.

    Example:
        ```python
        generator = Generator("build/tiny_sft", adapter="build/tiny_grpo")
        after = generator.generate(prompts, Sampling(), seed=0)
        before = generator.generate(prompts, Sampling(), seed=0, adapter=False)
        ```
    """

    def __init__(self, model: str | Path, adapter: str | Path | None = None) -> None:
        """Loads everything.

        Args:
            model: Folder of the base model and its tokenizer.
            adapter: Folder of a PEFT adapter on it.

        Raises:
            InputError: A folder is missing or holds no safetensors.
        """
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

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
        self._has_adapter = adapter is not None
        if adapter is not None:
            self._model = _with_adapter(self._model, Path(adapter))
        self._model.to(self._device).eval()

    def generate(
        self,
        prompts: Sequence[Sequence[Mapping[str, Any]]],
        sampling: Sampling,
        *,
        seed: int,
        batch_size: int = 64,
        adapter: bool = True,
        progress: Progress = lambda done, total: None,
    ) -> list[str]:
        """Samples one reply to each prompt.

        Args:
            prompts: Lists of messages.
            sampling: How tokens are drawn.
            seed: The same seed and batch size give the same replies.
            batch_size: Prompts that run together.
            adapter: False switches the adapter off.
            progress: Called with the number of prompts done and of all.

        Returns:
            The replies in the order of the prompts, without special tokens.
        """
        import torch

        texts = [self._render(list(prompt)) for prompt in prompts]
        # Prompts of like length run together, so that little of a batch is padding.
        order = sorted(range(len(texts)), key=lambda index: (len(texts[index]), index))
        replies = [""] * len(texts)
        torch.manual_seed(seed)
        with torch.inference_mode(), self._adapter_off(not adapter):
            for start in range(0, len(order), batch_size):
                chosen = order[start : start + batch_size]
                batch = self._batch([texts[index] for index in chosen], sampling)
                for index, reply in zip(chosen, batch, strict=True):
                    replies[index] = reply
                progress(start + len(chosen), len(order))
        return replies

    def _render(self, messages: list[Mapping[str, Any]]) -> str:
        from jinja2.exceptions import TemplateError

        options = {"add_generation_prompt": True, "tokenize": False}
        try:
            return self._tokenizer.apply_chat_template(messages, **options)
        except TemplateError:
            # As the plugin does for training: some chat templates refuse a system message.
            folded = fold_system(messages)
            if folded == messages:
                raise
            return self._tokenizer.apply_chat_template(folded, **options)

    def _batch(self, texts: list[str], sampling: Sampling) -> list[str]:
        # The chat template already wrote the special tokens.
        inputs = self._tokenizer(
            texts,
            return_tensors="pt",
            padding=True,
            padding_side="left",
            add_special_tokens=False,
            return_token_type_ids=False,
        ).to(self._device)
        output = self._model.generate(**inputs, generation_config=self._generation_config(sampling))
        fresh = output[:, inputs["input_ids"].shape[1] :]
        return self._tokenizer.batch_decode(fresh, skip_special_tokens=True)

    def _generation_config(self, sampling: Sampling) -> Any:
        from transformers import GenerationConfig

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

    def _adapter_off(self, off: bool) -> Any:
        import contextlib

        if off and self._has_adapter:
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
