"""LoRA, quantization and number formats that do not go together."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.rules import Rule, findings
from emp_plugins.check.settings.values import number

TARGETS = ("lora_target_linear", "lora_target_modules", "lora_target_parameters")
KERNELS = ("lora_mlp_kernel", "lora_qkv_kernel", "lora_o_kernel")
RANK = {"lora_r": "32", "lora_alpha": "32"}
"""What PEFT cannot do without, and a usual value."""


def _lora(recipe: Recipe) -> bool:
    return recipe.get("adapter") in ("lora", "qlora")


def _fresh(recipe: Recipe) -> bool:
    """Whether a new adapter is made, from the recipe's own numbers."""
    return _lora(recipe) and not recipe.get("lora_model_dir")


def _quantized_without(recipe: Recipe) -> bool:
    return not recipe.get("adapter") and not recipe.get("inference")


RULES = (
    Rule(
        ("load_in_4bit",),
        lambda recipe: _quantized_without(recipe) and recipe.get("load_in_4bit"),
        "4-bit weights cannot be trained in full",
        "add adapter: qlora, or leave it out",
    ),
    Rule(
        ("load_in_8bit",),
        lambda recipe: _quantized_without(recipe) and recipe.get("load_in_8bit"),
        "8-bit weights cannot be trained in full",
        "add adapter: lora, or leave it out",
    ),
    Rule(
        ("load_in_8bit",),
        lambda recipe: (
            recipe.get("adapter")
            and recipe.get("load_in_8bit")
            and (recipe.get("load_in_4bit") or recipe.get("adapter") == "qlora")
        ),
        "weights are loaded in 4 or in 8 bits, and qlora means 4",
        "leave out load_in_8bit",
    ),
    Rule(
        ("load_in_4bit",),
        lambda recipe: (
            recipe.get("adapter") == "qlora"
            and not recipe.get("load_in_4bit")
            and not recipe.get("load_in_8bit")
            and not recipe.get("merge_lora")
        ),
        "qlora needs 4-bit weights",
        "add load_in_4bit: true",
    ),
    Rule(
        ("adapter",),
        lambda recipe: _fresh(recipe) and not any(recipe.get(key) for key in TARGETS),
        "no module to adapt is named",
        "add lora_target_linear: true",
    ),
    *(
        Rule(
            (key,),
            lambda recipe, key=key: _fresh(recipe) and recipe.get(key) is None,
            "missing, and an adapter cannot be made without it",
            f"add, for example, {key}: {value}",
        )
        for key, value in RANK.items()
    ),
    Rule(
        ("lora_dropout",),
        lambda recipe: recipe.get("lora_target_parameters") and number(recipe.get("lora_dropout")),
        "must be 0 with lora_target_parameters",
        "use lora_dropout: 0.0",
    ),
    Rule(
        ("peft_layers_pattern",),
        lambda recipe: (
            recipe.get("peft_layers_pattern") and not recipe.get("peft_layers_to_transform")
        ),
        "needs peft_layers_to_transform",
        "list the layers there, or leave this out",
    ),
    Rule(
        ("unfrozen_parameters",),
        lambda recipe: (
            recipe.get("unfrozen_parameters")
            and recipe.get("adapter")
            and recipe.get("peft_layers_to_transform")
        ),
        "does not go with peft_layers_to_transform",
        "leave one of them out",
    ),
    Rule(
        ("loraplus_lr_ratio",),
        lambda recipe: recipe.get("loraplus_lr_ratio") and recipe.get("lr_groups"),
        "does not go with lr_groups",
        "leave one of them out",
    ),
    *(
        Rule(
            (key,),
            lambda recipe, key=key: (
                recipe.get(key)
                and (
                    recipe.get("trust_remote_code")
                    or (recipe.get("adapter") == "lora" and recipe.get("load_in_8bit"))
                )
            ),
            "works neither with 8-bit LoRA nor with trust_remote_code",
            f"use {key}: false",
        )
        for key in KERNELS
    ),
    Rule(
        ("fp16",),
        lambda recipe: recipe.get("fp16") is True and recipe.get("bf16") in (True, "full"),
        "numbers are bf16 or fp16, not both",
        "leave one of them out; bf16 where the GPU can",
    ),
    Rule(
        ("model_quantization_config",),
        lambda recipe: (
            recipe.get("model_quantization_config")
            and (recipe.get("load_in_4bit") or recipe.get("load_in_8bit"))
        ),
        "does not go with load_in_4bit or load_in_8bit",
        "leave one of them out",
    ),
)


def check(recipe: Recipe) -> Iterator[Finding]:
    """Adapters and number formats that Axolotl or PEFT refuse.

    Args:
        recipe: The recipe.

    Yields:
        An error for each.
    """
    yield from findings(recipe, RULES)
