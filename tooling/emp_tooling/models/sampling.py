"""How tokens are drawn."""

from __future__ import annotations

from dataclasses import dataclass
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
