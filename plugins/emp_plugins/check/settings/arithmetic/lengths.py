"""Token budgets that leave no room for a prompt."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.check.settings.values import number

COMPLETION = ("trl", "max_completion_length")


def check(recipe: Recipe) -> Iterator[Finding]:
    """Lengths of GRPO that contradict each other.

    Args:
        recipe: The recipe.

    Yields:
        An error for each.
    """
    if recipe.method not in ("grpo", "gdpo"):
        return
    completion = number(recipe.get(*COMPLETION))
    if completion is None:
        return
    budgets: list[KeyPath] = [("sequence_len",)]
    if recipe.get("trl", "use_vllm") and recipe.get("trl", "vllm_mode") != "colocate":
        budgets.append(("vllm", "max_model_len"))
    for key in budgets:
        total = number(recipe.get(*key))
        if total is not None and total <= completion:
            yield recipe.finding(
                key,
                f"{total:g} tokens for prompt and completion, and trl.max_completion_length "
                f"{completion:g} leaves none for the prompt",
                suggestion=f"use {'.'.join(map(str, key))}: {2 * completion:g}, or a shorter "
                "completion",
            )
