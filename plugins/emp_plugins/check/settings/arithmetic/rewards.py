"""Rewards that GRPO lacks, and weights that do not fit them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.check.settings.values import mapping, number, strangers
from emp_plugins.rewards.safety import Params

FUNCTIONS, WEIGHTS = ("trl", "reward_funcs"), ("trl", "reward_weights")


def check(recipe: Recipe) -> Iterator[Finding]:
    """What TRL would say about rewards and weights after the model has loaded.

    Args:
        recipe: The recipe.

    Yields:
        An error for each fault.
    """
    if recipe.method not in ("grpo", "gdpo"):
        return
    functions, weights = recipe.get(*FUNCTIONS), recipe.get(*WEIGHTS)
    rewards = mapping(recipe, "empathy", "rewards") or functions
    if not rewards and not strangers(recipe):
        yield recipe.finding(
            ("rl",),
            f"{recipe.method} has no reward",
            suggestion="list some under empathy.rewards, or functions of yours in trl.reward_funcs",
        )
    yield from _number(recipe, functions, weights)
    if gated(recipe):
        yield from _negative(recipe, weights)


def gated(recipe: Recipe) -> bool:
    """Whether the safety reward gates the others.

    Args:
        recipe: The recipe.

    Returns:
        True where ``empathy.rewards.safety`` is there and does not set ``gate: false``.
    """
    rewards = mapping(recipe, "empathy", "rewards")
    default = Params.model_fields["gate"].default
    safety: Any = rewards.get("safety")
    if isinstance(safety, Mapping):
        return bool(safety.get("gate", default))
    return "safety" in rewards and default


def _number(recipe: Recipe, functions: Any, weights: Any) -> Iterator[Finding]:
    if not isinstance(weights, list) or not isinstance(functions or [], list):
        return
    count = len(functions or [])
    if weights and len(weights) != count:
        yield recipe.finding(
            WEIGHTS,
            f"{len(weights)} weights for {count} entries of trl.reward_funcs",
            suggestion="give one each; rewards of the empathy: block have their own weight",
        )


def _negative(recipe: Recipe, weights: Any) -> Iterator[Finding]:
    """Weights of ``empathy:`` are left to the block's own validation, which says the same."""
    for index, weight in enumerate(weights if isinstance(weights, list) else []):
        value = number(weight)
        if value is not None and value < 0:
            key: KeyPath = (*WEIGHTS, index)
            yield recipe.finding(
                key,
                f"weight {value:g} is below 0, and under the safety gate that would reward unsafe "
                "replies",
                suggestion="use a weight of at least 0, or set empathy.rewards.safety.gate: false",
            )
