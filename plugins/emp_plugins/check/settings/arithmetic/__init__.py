"""Numbers and combinations that Axolotl or TRL refuse, most of them after the model has loaded.

A new kind of arithmetic is one module with ``check(recipe)`` and its name in ``PARTS``.
"""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.arithmetic import (
    adapters,
    cluster,
    groups,
    lengths,
    methods,
    ranges,
    rewards,
    schedule,
    vllm,
)

PARTS = (ranges, groups, lengths, rewards, methods, adapters, schedule, vllm, cluster)


def check(recipe: Recipe) -> Iterator[Finding]:
    r"""What a run would end with: illegal numbers and settings that exclude each other.

    Args:
        recipe: The recipe; its ``world_size`` counts.

    Yields:
        An error for each.

    Example:
        >>> text = "rl: grpo\ntrl: {num_generations: 8}\nmicro_batch_size: 4\n"
        >>> (fault,) = groups.check(Recipe.from_text("a.yml", text))
        >>> fault.message
        'generation batch 4 × 1 × 1 = 4 does not divide by 8 generations'
        >>> fault.suggestion
        'use micro_batch_size: 8 or gradient_accumulation_steps: 2'
    """
    for part in PARTS:
        yield from part.check(recipe)
