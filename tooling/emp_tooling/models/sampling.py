"""How tokens are drawn."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError
from emp_tooling.recipe import block


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

    def for_transformers(self, tokenizer: Any, model: Any) -> Any:
        """The settings for a model's ``generate``.

        Args:
            tokenizer: Says which tokens begin, end and pad.
            model: Its own settings may name further tokens that end a turn, as Gemma's do.

        Returns:
            A ``GenerationConfig``; greedy at temperature 0.
        """
        from transformers import GenerationConfig

        own = model.generation_config.eos_token_id
        ends = {tokenizer.eos_token_id, *(own if isinstance(own, list) else [own])} - {None}
        drawn = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": self.top_k,
            "min_p": self.min_p,
        }
        return GenerationConfig(
            max_new_tokens=self.max_new_tokens,
            do_sample=self.temperature > 0,
            repetition_penalty=self.repetition_penalty,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=sorted(ends) or None,
            pad_token_id=tokenizer.pad_token_id,
            **(drawn if self.temperature > 0 else {}),
        )

    def for_endpoint(self) -> dict[str, Any]:
        """The settings as fields of a request.

        Returns:
            The OpenAI protocol's own, and of vLLM's and llama.cpp's further ones only those that
            differ from their defaults, because other servers refuse them.

        Example:
            >>> Sampling(max_new_tokens=64, top_k=20).for_endpoint()
            {'max_tokens': 64, 'temperature': 1.0, 'top_k': 20}
        """
        plain, usual = asdict(self), asdict(Sampling())
        fields = {
            "max_tokens": plain.pop("max_new_tokens"),
            "temperature": plain.pop("temperature"),
        }
        return fields | {name: value for name, value in plain.items() if value != usual[name]}
