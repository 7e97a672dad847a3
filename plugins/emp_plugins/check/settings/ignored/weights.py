"""What is trained, and from which weights, where a recipe seems to say something else."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.rules import Rule, findings
from emp_plugins.check.settings.values import mapping

ADAPTER = ("lora_r", "lora_alpha", "lora_target_linear", "lora_target_modules")
CHECKPOINTING = ("gradient_checkpointing_kwargs", "use_reentrant")
FORCING = ("dpo", "ipo", "kto", "grpo", "gdpo")
"""Methods whose trainer in TRL overrules it."""


def _quantized_base(recipe: Recipe) -> bool:
    """Checkpoints that were quantized before name their own number of bits."""
    return "bnb-4bit" in str(recipe.get("base_model"))


def _sharded_adapter(recipe: Recipe) -> bool:
    """Axolotl, too, knows ZeRO-3 by the name of the file."""
    settings = recipe.get("deepspeed")
    third = "zero3" in str(settings) or recipe.get("deepspeed", "zero_optimization", "stage") == 3
    on = recipe.get("adapter") and recipe.get("gradient_checkpointing")
    return bool(third and on) and recipe.get(*CHECKPOINTING) is False


def _old_fsdp(recipe: Recipe) -> bool:
    block = mapping(recipe, "fsdp_config")
    version = recipe.get("fsdp_version") or block.get("fsdp_version") or block.get("version")
    return bool(recipe.get("fsdp") or block) and str(version) != "2"


RULES = (
    Rule(
        ("load_in_4bit",),
        lambda recipe: (
            recipe.get("adapter") == "lora"
            and recipe.get("load_in_4bit")
            and not recipe.get("load_in_8bit")
            and not _quantized_base(recipe)
        ),
        "adapter: lora does not read it: the weights are loaded in full",
        "use adapter: qlora",
    ),
    Rule(
        ("trust_remote_code",),
        lambda recipe: recipe.get("trust_remote_code"),
        "runs code that comes with the model",
        "leave it out; the models of the shipped recipes need none",
    ),
    Rule(
        ("fsdp_version",),
        _old_fsdp,
        "FSDP1 is about to leave transformers and Axolotl",
        "use fsdp_version: 2",
    ),
    Rule(
        CHECKPOINTING,
        lambda recipe: _sharded_adapter(recipe) and recipe.method in FORCING,
        "TRL sets it to true with an adapter and ZeRO-3",
        "use use_reentrant: true",
    ),
    Rule(
        CHECKPOINTING,
        lambda recipe: _sharded_adapter(recipe) and recipe.method == "sft",
        "training may fail with an adapter and ZeRO-3: recomputed values differ",
        "use use_reentrant: true",
    ),
    Rule(
        ("gradient_checkpointing_kwargs",),
        lambda recipe: (
            recipe.get("gradient_checkpointing_kwargs") and not recipe.get("gradient_checkpointing")
        ),
        "gradient checkpointing is off",
        "add gradient_checkpointing: true, or leave it out",
    ),
)


def check(recipe: Recipe) -> Iterator[Finding]:
    """Settings of the model and its adapter that are read past.

    Args:
        recipe: The recipe.

    Yields:
        A warning for each.
    """
    yield from findings(recipe, RULES, "warning")
    asked = [key for key in ADAPTER if recipe.get(key)]
    refused = recipe.get("load_in_4bit") or recipe.get("load_in_8bit")
    if asked and not recipe.get("adapter") and not refused:
        yield recipe.finding(
            (asked[0],),
            "there is no adapter: Axolotl trains every weight",
            severity="warning",
            suggestion="add adapter: lora",
        )
