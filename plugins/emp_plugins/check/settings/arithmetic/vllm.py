"""Generation by vLLM: what the trainer cannot start without."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.rules import Rule, findings
from emp_plugins.check.settings.values import mapping, processes, whole

SIZE = ("vllm", "tensor_parallel_size")


def colocated(recipe: Recipe) -> bool:
    """Whether vLLM generates inside the trainer's own processes.

    Args:
        recipe: The recipe.

    Returns:
        True for GRPO with ``trl.vllm_mode: colocate``.
    """
    return served(recipe) and recipe.get("trl", "vllm_mode") == "colocate"


def served(recipe: Recipe) -> bool:
    """Whether vLLM generates at all.

    Args:
        recipe: The recipe.

    Returns:
        True for GRPO with ``trl.use_vllm``.
    """
    return recipe.method in ("grpo", "gdpo") and bool(recipe.get("trl", "use_vllm"))


def _uneven(recipe: Recipe) -> bool:
    size = whole(recipe.get(*SIZE), 1) or 1
    return colocated(recipe) and 1 < processes(recipe) and processes(recipe) % size != 0


RULES = (
    Rule(
        ("trl", "vllm_mode"),
        lambda recipe: colocated(recipe) and not mapping(recipe, "vllm"),
        "colocate reads the vllm: block, and there is none",
        "add vllm: {tensor_parallel_size: 1, gpu_memory_utilization: 0.3}",
    ),
    Rule(
        SIZE,
        lambda recipe: colocated(recipe) and mapping(recipe, "vllm") and recipe.get(*SIZE) is None,
        "missing, and colocate has no default for it",
        "add vllm.tensor_parallel_size: 1",
    ),
    Rule(
        SIZE,
        _uneven,
        "does not divide the number of processes",
        "use vllm.tensor_parallel_size: 1",
    ),
    Rule(
        ("load_in_8bit",),
        lambda recipe: colocated(recipe) and recipe.get("load_in_8bit"),
        "vLLM cannot generate from 8-bit weights",
        "use bf16 LoRA",
    ),
)


def check(recipe: Recipe) -> Iterator[Finding]:
    """Settings of vLLM that the trainer fails on.

    Args:
        recipe: The recipe; its ``world_size`` counts.

    Yields:
        An error for each.
    """
    yield from findings(recipe, RULES)
