"""Several GPUs: DeepSpeed, FSDP and parallel sizes."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.rules import Rule, findings
from emp_plugins.check.settings.values import mapping, processes, whole

EIGHT_BIT = ("adamw_8bit", "adamw_bnb_8bit")
SIZES = ("context_parallel_size", "tensor_parallel_size")


def _setting(recipe: Recipe, name: str) -> object:
    """A key of ``fsdp_config``, with or without the old prefix."""
    block = mapping(recipe, "fsdp_config")
    return block.get(name, block.get(f"fsdp_{name}"))


def fsdp(recipe: Recipe) -> int:
    """Which FSDP a recipe uses.

    Args:
        recipe: The recipe.

    Returns:
        Its version; 0 where it uses none.
    """
    if not (recipe.get("fsdp") or recipe.get("fsdp_config")):
        return 0
    return whole(recipe.get("fsdp_version") or _setting(recipe, "version"), 1) or 1


def _misnamed(recipe: Recipe) -> Iterator[Finding]:
    """Ray takes any name for a resource and waits for ever for one that no machine has."""
    for name in mapping(recipe, "resources_per_worker"):
        right = str(name).upper().removesuffix("S")
        if right in ("CPU", "GPU") and name != right:
            yield recipe.finding(
                ("resources_per_worker", name),
                "Ray would wait for a resource of this name",
                suggestion=f"did you mean {right}?",
            )


def _quantized(recipe: Recipe) -> bool:
    return bool(recipe.get("load_in_4bit") or recipe.get("load_in_8bit"))


def _ring_without_flash(recipe: Recipe) -> bool:
    flash = (
        recipe.get("flash_attention") or recipe.get("attn_implementation") == "flash_attention_2"
    )
    return (whole(recipe.get("context_parallel_size"), 1) or 1) > 1 and not flash


RULES = (
    Rule(
        ("deepspeed",),
        lambda recipe: recipe.get("deepspeed") and fsdp(recipe),
        "does not go with FSDP",
        "leave one of them out",
    ),
    Rule(
        ("fsdp_version",),
        lambda recipe: (
            fsdp(recipe) == 2
            and recipe.method in ("dpo", "kto", "orpo", "ipo")
            and _quantized(recipe)
        ),
        "FSDP2 cannot train 4-bit or 8-bit weights with a preference method",
        "use bf16 LoRA, or DeepSpeed",
    ),
    Rule(
        ("optimizer",),
        lambda recipe: fsdp(recipe) == 2 and recipe.get("optimizer") in EIGHT_BIT,
        "fails with FSDP2",
        "use optimizer: adamw_torch_8bit",
    ),
    Rule(
        ("optimizer",),
        lambda recipe: (
            fsdp(recipe) == 1
            and _setting(recipe, "offload_params")
            and "8bit" in str(recipe.get("optimizer"))
        ),
        "fails with FSDP1 and offload_params",
        "use optimizer: adamw_torch_fused",
    ),
    Rule(
        ("fsdp_config", "cpu_ram_efficient_loading"),
        lambda recipe: (
            fsdp(recipe) == 2
            and _setting(recipe, "cpu_ram_efficient_loading")
            and recipe.get("load_in_4bit")
        ),
        "FSDP2 cannot load 4-bit weights this way",
        "use cpu_ram_efficient_loading: false",
    ),
    Rule(
        ("fsdp_config", "cpu_offload_pin_memory"),
        lambda recipe: (
            _setting(recipe, "cpu_offload_pin_memory") is False
            and (fsdp(recipe) != 2 or not _setting(recipe, "offload_params"))
        ),
        "false needs FSDP2 and offload_params: true",
        "leave it out",
    ),
    Rule(
        ("gradient_checkpointing_kwargs", "use_reentrant"),
        lambda recipe: (
            processes(recipe) > 1
            and recipe.method != "sft"
            and recipe.get("gradient_checkpointing")
            and recipe.get("gradient_checkpointing_kwargs", "use_reentrant")
            and recipe.get("adapter") == "qlora"
        ),
        "QLoRA on several GPUs needs the other kind of checkpointing",
        "use use_reentrant: false",
    ),
    Rule(
        ("gradient_checkpointing_kwargs", "use_reentrant"),
        lambda recipe: (
            recipe.get("unfrozen_parameters")
            and recipe.get("gradient_checkpointing_kwargs", "use_reentrant") is True
        ),
        "a partly frozen model needs the other kind of checkpointing",
        "use use_reentrant: false",
    ),
    Rule(
        ("activation_offloading",),
        lambda recipe: (
            recipe.get("activation_offloading") and not recipe.get("gradient_checkpointing")
        ),
        "needs gradient checkpointing",
        "add gradient_checkpointing: true",
    ),
    Rule(
        ("context_parallel_size",),
        _ring_without_flash,
        "above 1 needs flash attention",
        "add attn_implementation: flash_attention_2",
    ),
    Rule(
        ("max_memory",),
        lambda recipe: (
            recipe.get("max_memory") is not None and recipe.get("gpu_memory_limit") is not None
        ),
        "does not go with gpu_memory_limit",
        "leave one of them out",
    ),
)


def check(recipe: Recipe) -> Iterator[Finding]:
    """Settings for several GPUs that exclude each other or do not fit their number.

    Args:
        recipe: The recipe; its ``world_size`` counts where it is above 1.

    Yields:
        An error for each.
    """
    yield from findings(recipe, RULES)
    yield from _misnamed(recipe)
    world = processes(recipe)
    for name in SIZES:
        size = whole(recipe.get(name), 1)
        if size is not None and size > 1 and world > 1 and world % size:
            yield recipe.finding(
                (name,),
                f"{size} does not divide {world} processes",
                suggestion=f"use a divisor of {world}",
            )
