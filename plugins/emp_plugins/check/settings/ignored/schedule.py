"""Schedules that do not mean what they seem to."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.arithmetic.schedule import evaluates, never
from emp_plugins.check.settings.rules import Rule, findings
from emp_plugins.check.settings.values import number, whole

ASKS = ("eval_steps", "eval_strategy", "evals_per_epoch")


def _data(recipe: Recipe) -> bool:
    return bool(recipe.get("val_set_size") or recipe.get("test_datasets"))


def _steps(recipe: Recipe) -> float:
    """The steps that a recipe asks for; 0 where its epochs decide."""
    return max(number(recipe.get("max_steps")) or 0, 0)


def _epochs(recipe: Recipe) -> float:
    epochs = number(recipe.get("num_epochs"))
    return 1.0 if epochs is None else epochs


def _no_limit(recipe: Recipe) -> bool:
    steps = number(recipe.get("max_steps"))
    return steps is not None and steps <= 0 and steps != -1 and _epochs(recipe) > 0


def _undated(recipe: Recipe) -> bool:
    streamed = recipe.get("streaming") or recipe.get("pretraining_dataset")
    return not (evaluates(recipe) or never(recipe) or streamed)


def _best_model(recipe: Recipe) -> bool:
    save, evaluate = number(recipe.get("save_steps")), number(recipe.get("eval_steps"))
    works = evaluates(recipe) and save and evaluate and save % evaluate == 0
    return recipe.method == "sft" and bool(recipe.get("load_best_model_at_end")) and not works


RULES = (
    Rule(
        ("max_steps",),
        _no_limit,
        "is taken for no limit",
        "leave it out, or give a number above 0",
    ),
    Rule(
        ("warmup_steps",),
        lambda recipe: 0 < _steps(recipe) <= (number(recipe.get("warmup_steps")) or 0),
        "the run ends before the learning rate has reached its value",
        "use a tenth of max_steps",
    ),
    Rule(
        ("save_total_limit",),
        lambda recipe: number(recipe.get("save_total_limit")) == 0,
        "0 is taken for 4",
        'use save_strategy: "no" to save nothing',
    ),
    Rule(
        ("evals_per_epoch",),
        lambda recipe: _data(recipe) and never(recipe),
        "the model would never be evaluated: Axolotl drops an interval of the whole run or more",
        "use eval_strategy: epoch",
    ),
    Rule(
        ("load_best_model_at_end",),
        _best_model,
        "has no effect without held-out data and save_steps that are a multiple of eval_steps",
        "give val_set_size, eval_steps and save_steps",
    ),
    Rule(
        ("test_datasets",),
        lambda recipe: recipe.get("test_datasets") and _undated(recipe),
        "is never used: nothing says when to evaluate",
        "add eval_steps",
    ),
    Rule(
        ("val_set_size",),
        lambda recipe: (
            recipe.get("val_set_size") and not recipe.get("test_datasets") and _undated(recipe)
        ),
        "rows are held out and never used: nothing says when to evaluate",
        "add eval_steps, or leave it out",
    ),
)


def check(recipe: Recipe) -> Iterator[Finding]:
    """Schedules that Axolotl reads otherwise than they are written.

    Args:
        recipe: The recipe.

    Yields:
        Warnings; a note where ``max_steps`` overrules ``num_epochs``.
    """
    yield from findings(recipe, RULES, "warning")
    yield from _warmup(recipe)
    yield from _batch(recipe)
    yield from _no_data(recipe)
    if _steps(recipe) and recipe.get("num_epochs") is not None:
        yield recipe.finding(
            ("num_epochs",), "max_steps decides when the run ends", severity="note"
        )


def _warmup(recipe: Recipe) -> Iterator[Finding]:
    """For preferences; of SFT Axolotl takes the smaller number of steps, GRPO leaves it to TRL."""
    ratio, steps = number(recipe.get("warmup_ratio")), _steps(recipe)
    refused = recipe.get("warmup_steps") or recipe.method == "simpo"
    if recipe.method in ("grpo", "sft") or refused or not steps or not ratio or not 0 < ratio <= 1:
        return
    yield recipe.finding(
        ("warmup_ratio",),
        f"is a share of the steps of num_epochs ({_epochs(recipe):g}), not of max_steps",
        severity="warning",
        suggestion=f"use warmup_steps: {round(ratio * steps)}",
    )


def _batch(recipe: Recipe) -> Iterator[Finding]:
    size, micro = whole(recipe.get("batch_size"), 0), whole(recipe.get("micro_batch_size"), 1)
    if not size or not micro or recipe.get("gradient_accumulation_steps"):
        return
    if recipe.get("micro_batch_size") and size != micro:
        yield recipe.finding(
            ("batch_size",),
            f"Axolotl does not accumulate for it: a step trains on micro_batch_size {micro} rows, "
            f"and an epoch ends as if they were {size}",
            severity="warning",
            suggestion=f"use gradient_accumulation_steps: {max(size // micro, 1)}",
        )


def _no_data(recipe: Recipe) -> Iterator[Finding]:
    """With an explicit ``val_set_size: 0`` Axolotl itself refuses two of the three."""
    if _data(recipe):
        return
    refused = recipe.get("val_set_size") is not None
    for key in ASKS:
        if not recipe.get(key) or recipe.get(key) == "no" or (refused and key != ASKS[-1]):
            continue
        yield recipe.finding(
            (key,),
            "nothing is held out to evaluate on",
            severity="warning",
            suggestion="add val_set_size: 0.05 or test_datasets, or leave it out",
        )
