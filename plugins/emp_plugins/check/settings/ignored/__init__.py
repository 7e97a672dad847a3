"""Settings that Axolotl or TRL read past without a word, or take for something else.

A new kind is one module with ``check(recipe)`` and its name in ``PARTS``.
"""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.ignored import grpo, methods, schedule, types, vllm, weights

PARTS = (methods, grpo, vllm, types, schedule, weights)


def check(recipe: Recipe) -> Iterator[Finding]:
    r"""What a recipe asks for in vain.

    Args:
        recipe: The recipe; its ``world_size`` counts.

    Yields:
        Warnings with the right way; errors where a run fails for it; notes on what a default means.

    Example:
        >>> recipe = Recipe.from_text("a.yml", "rl: grpo\ntrl: {generation_kwargs: {seed: 1}}\n")
        >>> [found.key for found in check(recipe) if found.severity == "warning"]
        ['trl.max_completion_length', 'trl.generation_kwargs']
    """
    for part in PARTS:
        yield from part.check(recipe)
