"""Combinations that one method of training refuses."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.rules import Rule, findings
from emp_plugins.check.settings.values import number

LOSSES = ("grpo", "dapo", "bnpo", "dr_grpo", "cispo", "sapo", "luspo", "vespo")
"""What TRL computes for ``trl.loss_type``."""

REFERENCE = "without an adapter, and with trl.beta above 0; or leave it out"


def _grpo(recipe: Recipe) -> bool:
    return recipe.method in ("grpo", "gdpo")


def _beta(recipe: Recipe) -> float:
    """The weight of GRPO's KL term as Axolotl finds it; TRL's default is 0."""
    beta = recipe.get("trl", "beta")
    return number(recipe.get("rl_beta") if beta is None else beta) or 0.0


def _unequal_losses(recipe: Recipe) -> bool:
    losses, weights = recipe.get("dpo_loss_type"), recipe.get("dpo_loss_weights")
    lists = isinstance(losses, list) and isinstance(weights, list)
    return recipe.method == "dpo" and lists and len(losses) != len(weights)


def _ipo(recipe: Recipe) -> bool:
    losses = recipe.get("dpo_loss_type")
    return recipe.method == "ipo" or (isinstance(losses, list) and losses[:1] == ["ipo"])


RULES = (
    Rule(
        ("rl",),
        lambda recipe: recipe.method == "gdpo" and recipe.get("adapter"),
        "gdpo fails with an adapter in this version of Axolotl",
        "use rl: grpo with trl.multi_objective_aggregation: normalize_then_sum, which is the same",
    ),
    Rule(
        ("trl", "multi_objective_aggregation"),
        lambda recipe: (
            recipe.method == "gdpo"
            and recipe.get("trl", "multi_objective_aggregation") == "sum_then_normalize"
        ),
        "gdpo is normalize_then_sum",
        "use rl: grpo, or leave this out",
    ),
    Rule(
        ("trl", "use_data_producer"),
        lambda recipe: _grpo(recipe) and recipe.get("trl", "use_data_producer"),
        "asynchronous GRPO fails in this version of Axolotl",
        "leave it out",
    ),
    Rule(
        ("trl", "async_prefetch"),
        lambda recipe: _grpo(recipe) and recipe.get("trl", "async_prefetch"),
        "asynchronous GRPO fails in this version of Axolotl",
        "leave it out",
    ),
    Rule(
        ("trl", "loss_type"),
        lambda recipe: (
            _grpo(recipe)
            and isinstance(recipe.get("trl", "loss_type"), str)
            and recipe.get("trl", "loss_type") not in LOSSES
        ),
        "TRL has no such loss",
        f"use one of {', '.join(LOSSES)}",
    ),
    Rule(
        ("trl", "sync_ref_model"),
        lambda recipe: (
            _grpo(recipe)
            and recipe.get("trl", "sync_ref_model")
            and (recipe.get("adapter") or not _beta(recipe))
        ),
        "there is no reference model to synchronize with an adapter, or with a beta of 0",
        f"use it {REFERENCE}",
    ),
    Rule(
        ("trl", "use_liger_loss"),
        lambda recipe: (
            _grpo(recipe)
            and recipe.get("trl", "use_liger_loss")
            and (number(recipe.get("context_parallel_size")) or 1) > 1
        ),
        "Liger's loss does not work with context_parallel_size above 1",
        "leave one of them out",
    ),
    Rule(
        ("micro_batch_size",),
        lambda recipe: (
            recipe.method == "kto"
            and number(
                1 if recipe.get("micro_batch_size") is None else recipe.get("micro_batch_size")
            )
            == 1
        ),
        "KTO compares a prompt with the reply to another one of its batch: 1 is too small",
        "use micro_batch_size: 2 or more",
    ),
    Rule(
        ("remove_unused_columns",),
        lambda recipe: recipe.method == "kto" and recipe.get("remove_unused_columns") is not False,
        "Axolotl demands it for KTO",
        "add remove_unused_columns: false",
    ),
    Rule(
        ("eval_sample_packing",),
        lambda recipe: recipe.method == "kto" and recipe.get("eval_sample_packing"),
        "KTO cannot pack samples",
        "leave it out",
    ),
    Rule(
        ("sample_packing",),
        lambda recipe: recipe.method != "sft" and recipe.get("sample_packing"),
        "only SFT can pack samples",
        "leave it out",
    ),
    Rule(
        ("dpo_loss_weights",),
        lambda recipe: (
            recipe.method == "dpo"
            and recipe.get("dpo_loss_weights") is not None
            and recipe.get("dpo_loss_type") is None
        ),
        "weights of no losses",
        "name the losses in dpo_loss_type",
    ),
    Rule(
        ("dpo_loss_weights",),
        _unequal_losses,
        "not as many weights as there are losses in dpo_loss_type",
        "give one each",
    ),
    Rule(
        ("dpo_use_liger_kernel",),
        lambda recipe: (
            recipe.get("dpo_use_liger_kernel")
            and (_ipo(recipe) or recipe.get("precompute_ref_log_probs"))
        ),
        "Liger's DPO loss knows neither ipo nor precomputed reference log-probabilities",
        "leave it out",
    ),
    Rule(
        ("warmup_ratio",),
        lambda recipe: recipe.method == "simpo" and recipe.get("warmup_ratio"),
        "SimPO's trainer does not take it",
        "use warmup_steps",
    ),
    *(
        Rule(
            (key,),
            lambda recipe, key=key: recipe.method != "dpo" and recipe.get(key) is not None,
            "Axolotl refuses it without rl: dpo",
            "leave it out, or use rl: dpo",
        )
        for key in ("dpo_loss_type", "dpo_loss_weights")
    ),
)


def check(recipe: Recipe) -> Iterator[Finding]:
    """Combinations that end a run of the recipe's method.

    Args:
        recipe: The recipe.

    Yields:
        An error for each.
    """
    yield from findings(recipe, RULES)
