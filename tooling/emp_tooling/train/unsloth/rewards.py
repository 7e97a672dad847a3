"""The reward functions of a recipe, as GRPO's trainer takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emp_plugins.registration import PREFIX, configured_rewards, fill_trl
from emp_plugins.reward_funcs import GATED, import_function
from emp_plugins.rewards.gated import GatedReward
from emp_plugins.validation import plain


def rewards(recipe: Mapping[str, Any]) -> tuple[list[Callable[..., Any] | str], list[float]]:
    """Builds what the plugin would name to Axolotl: the user's functions, then the block's rewards.

    Args:
        recipe: The recipe.

    Returns:
        Functions, of which a text is the name of a reward model, and the weight of each.

    Raises:
        InputError: The block is wrong, a judge or a function is missing, or weights and functions
            differ in number.

    Example:
        >>> block = {"rewards": {"structure": {"weight": 0.5}, "safety": {"gate": True}}}
        >>> functions, weights = rewards({"rl": "grpo", "empathy": block})
        >>> [function.__name__ for function in functions], weights
        (['structure', 'safety'], [0.5, 1.0])
    """
    filled = plain(recipe)
    configured: dict[str, Any] = {}
    if filled.get("empathy") is not None:
        configured = configured_rewards(filled)
        fill_trl(filled, configured)
    block = filled.get("trl") or {}
    names = block.get("reward_funcs") or []
    functions = [_function(name, configured) for name in names]
    return functions, list(block.get("reward_weights") or [1.0] * len(functions))


def _function(name: str, configured: Mapping[str, Any]) -> Callable[..., Any] | str:
    if not name.startswith(PREFIX):
        return name if "/" in name else import_function(name)
    own = name.removeprefix(PREFIX)
    if not own.startswith(GATED):
        return configured[own]
    function = import_function(own.removeprefix(GATED).replace(":", "."))
    return GatedReward(function, configured["safety"])
