"""Settings of vLLM that are not used as they are written."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.arithmetic.vllm import colocated, served
from emp_plugins.check.settings.rules import Rule, findings
from emp_plugins.check.settings.values import mapping, whole

PORT = 8000
FORWARDED = ("gpu_memory_utilization", "tensor_parallel_size")
"""What colocate reads of the ``vllm:`` block."""

REPORTED = ("vllm_lora_sync", "vllm_sync_interval")
"""Keys of asynchronous GRPO, which another check names."""


def _server(recipe: Recipe) -> bool:
    return served(recipe) and not colocated(recipe)


def _ports_differ(recipe: Recipe) -> bool:
    serves = whole(recipe.get("vllm", "port"), PORT)
    asks = whole(recipe.get("trl", "vllm_server_port"), PORT)
    return _server(recipe) and bool(mapping(recipe, "vllm")) and serves != asks


RULES = (
    Rule(
        ("load_in_4bit",),
        lambda recipe: served(recipe) and recipe.get("load_in_4bit"),
        "4-bit weights lose precision each time they are merged for vLLM",
        "use adapter: lora and bf16: true",
    ),
    Rule(
        ("vllm",),
        lambda recipe: (
            recipe.method in ("grpo", "gdpo")
            and mapping(recipe, "vllm")
            and not recipe.get("trl", "use_vllm")
        ),
        "nothing uses vLLM here",
        "add trl.use_vllm: true, or leave it out",
    ),
    Rule(
        ("vllm", "gpu_memory_utilization"),
        lambda recipe: (
            colocated(recipe)
            and mapping(recipe, "vllm")
            and recipe.get("vllm", "gpu_memory_utilization") is None
        ),
        "missing, and the default of 0.9 leaves a tenth of the GPU for training",
        "add vllm.gpu_memory_utilization: 0.3",
    ),
    Rule(
        ("vllm",),
        lambda recipe: _server(recipe) and not mapping(recipe, "vllm"),
        "missing, and `axolotl vllm-serve` cannot start from this recipe without it",
        "add vllm: {tensor_parallel_size: 1, gpu_memory_utilization: 0.9}",
    ),
    Rule(
        ("trl", "vllm_server_port"),
        _ports_differ,
        "the trainer asks at another port than vllm.port; each is 8000 where it is not given",
        "give both the same value",
    ),
    Rule(
        ("trl", "vllm_enable_sleep_mode"),
        lambda recipe: _server(recipe) and recipe.get("trl", "vllm_enable_sleep_mode"),
        "only vllm_mode: colocate reads it",
        "leave it out",
    ),
)


def check(recipe: Recipe) -> Iterator[Finding]:
    """What a recipe tells vLLM in vain.

    Args:
        recipe: The recipe.

    Yields:
        Warnings; a note where the mode is left open.
    """
    yield from findings(recipe, RULES, "warning")
    if served(recipe) and recipe.get("trl", "vllm_mode") is None:
        yield recipe.finding(("trl", "vllm_mode"), "not set: Axolotl takes server", severity="note")
    yield from _not_forwarded(recipe)
    yield from _unused(recipe)


def _not_forwarded(recipe: Recipe) -> Iterator[Finding]:
    if not colocated(recipe):
        return
    for key, value in mapping(recipe, "vllm").items():
        if value is not None and key not in FORWARDED:
            yield recipe.finding(
                ("vllm", key),
                "vllm_mode: colocate does not read it",
                severity="warning",
                suggestion="leave it out, or use vllm_mode: server",
            )


def _unused(recipe: Recipe) -> Iterator[Finding]:
    if recipe.method not in ("grpo", "gdpo") or served(recipe):
        return
    for key, value in mapping(recipe, "trl").items():
        if str(key).startswith("vllm_") and value not in (None, False) and key not in REPORTED:
            yield recipe.finding(
                ("trl", key),
                "nothing uses vLLM here",
                severity="warning",
                suggestion="add trl.use_vllm: true, or leave it out",
            )
