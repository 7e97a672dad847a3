"""When a run ends, warms up, saves and evaluates."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.rules import Rule, findings
from emp_plugins.check.settings.values import number, strangers


def _no_step(recipe: Recipe) -> bool:
    epochs = number(recipe.get("num_epochs"))
    return epochs is not None and epochs <= 0 and (number(recipe.get("max_steps")) or 0) <= 0


def _mismatch(recipe: Recipe, what: str) -> bool:
    strategy = recipe.get(f"{what}_strategy")
    named = isinstance(strategy, str) and strategy != "steps"
    return named and bool(recipe.get(f"{what}_steps"))


def _pointless_evaluation(recipe: Recipe) -> bool:
    """Only an explicit 0 is refused; without the key Axolotl is silent."""
    share = recipe.get("val_set_size")
    strategy = recipe.get("eval_strategy")
    asks = strategy != "no" and bool(recipe.get("eval_steps") or strategy)
    return share is not None and number(share) == 0 and asks and not recipe.get("test_datasets")


def _late_stop(recipe: Recipe) -> bool:
    save, evaluate = number(recipe.get("save_steps")), number(recipe.get("eval_steps"))
    if not recipe.get("early_stopping_patience"):
        return False
    return not save or not evaluate or save % evaluate != 0


RULES = (
    Rule(
        ("num_epochs",),
        _no_step,
        "no step would be trained",
        "give num_epochs above 0, or max_steps",
    ),
    Rule(
        ("warmup_ratio",),
        lambda recipe: recipe.get("warmup_ratio") and recipe.get("warmup_steps"),
        "does not go with warmup_steps",
        "leave one of them out; warmup_steps is the clearer one",
    ),
    Rule(
        ("batch_size",),
        lambda recipe: recipe.get("batch_size") and recipe.get("gradient_accumulation_steps"),
        "does not go with gradient_accumulation_steps",
        "leave out batch_size",
    ),
    Rule(
        ("batch_size",),
        lambda recipe: (
            recipe.get("batch_size")
            and not recipe.get("micro_batch_size")
            and not recipe.get("gradient_accumulation_steps")
        ),
        "is not enough to know what each process does",
        "use micro_batch_size and gradient_accumulation_steps instead",
    ),
    Rule(
        ("save_steps",),
        lambda recipe: _mismatch(recipe, "save"),
        "does not go with this save_strategy",
        'use save_strategy: "steps", or leave one of them out',
    ),
    Rule(
        ("saves_per_epoch",),
        lambda recipe: recipe.get("saves_per_epoch") and recipe.get("save_steps"),
        "does not go with save_steps",
        "leave one of them out",
    ),
    Rule(
        ("save_strategy",),
        lambda recipe: (
            recipe.get("save_strategy") == "best" and not recipe.get("metric_for_best_model")
        ),
        "best by which metric?",
        "add metric_for_best_model: eval_loss",
    ),
    Rule(
        ("eval_steps",),
        lambda recipe: _mismatch(recipe, "eval"),
        "does not go with this eval_strategy",
        'use eval_strategy: "steps", or leave one of them out',
    ),
    Rule(
        ("evals_per_epoch",),
        lambda recipe: (
            recipe.get("evals_per_epoch")
            and (recipe.get("eval_steps") or recipe.get("eval_strategy") not in (None, "steps"))
        ),
        "does not go with eval_steps or another eval_strategy than steps",
        "leave one of them out",
    ),
    Rule(
        ("val_set_size",),
        _pointless_evaluation,
        "an evaluation is asked for, and 0 rows are held out for it",
        "use val_set_size: 0.05, or leave out what asks for it",
    ),
    Rule(
        ("val_set_size",),
        lambda recipe: recipe.get("val_set_size") and recipe.get("test_datasets"),
        "does not go with test_datasets",
        "leave out val_set_size",
    ),
    Rule(
        ("val_set_size",),
        lambda recipe: (
            recipe.get("val_set_size")
            and not recipe.get("test_datasets")
            and (recipe.get("pretraining_dataset") or recipe.get("streaming"))
        ),
        "streamed data cannot be split",
        "name test_datasets instead",
    ),
    Rule(
        ("max_steps",),
        lambda recipe: (
            (recipe.get("pretraining_dataset") or recipe.get("streaming"))
            and not recipe.get("max_steps")
        ),
        "missing, and streamed data has no length",
        "add max_steps",
    ),
    Rule(
        ("early_stopping_patience",),
        _late_stop,
        "needs save_steps and eval_steps, the first a multiple of the second",
        "give both, for example save_steps: 100 and eval_steps: 50",
    ),
    Rule(
        ("datasets",),
        lambda recipe: (
            recipe.get("datasets") is None
            and not recipe.get("pretraining_dataset")
            and not strangers(recipe)
        ),
        "missing",
        "name at least one data set",
    ),
    Rule(
        ("chat_template",),
        lambda recipe: (
            recipe.get("chat_template") == "jinja" and not recipe.get("chat_template_jinja")
        ),
        "jinja needs a template",
        "give it in chat_template_jinja, or use chat_template: tokenizer_default",
    ),
    Rule(
        ("push_dataset_to_hub",),
        lambda recipe: (
            recipe.get("push_dataset_to_hub") and recipe.get("hf_use_auth_token") is not True
        ),
        "needs a login",
        "add hf_use_auth_token: true",
    ),
)


def never(recipe: Recipe) -> bool:
    """Whether ``evals_per_epoch`` comes to nothing.

    Axolotl turns it into a share of the run and drops a share of 1 or more.

    Args:
        recipe: The recipe.

    Returns:
        True where the run would hold at most one such evaluation.
    """
    wanted, epochs = number(recipe.get("evals_per_epoch")), number(recipe.get("num_epochs"))
    return wanted is not None and 0 < wanted * (1 if epochs is None else epochs) <= 1


def evaluates(recipe: Recipe) -> bool:
    """Whether the trainer evaluates: there is data to do so, and a time.

    Args:
        recipe: The recipe.

    Returns:
        True where both are given.
    """
    data = recipe.get("val_set_size") or recipe.get("test_datasets")
    strategy = recipe.get("eval_strategy") or recipe.get("evaluation_strategy")
    often = recipe.get("evals_per_epoch") and not never(recipe)
    when = recipe.get("eval_steps") or often or strategy not in (None, "no", False)
    return bool(data and when)


def check(recipe: Recipe) -> Iterator[Finding]:
    """Schedules and data that Axolotl refuses.

    Args:
        recipe: The recipe.

    Yields:
        An error for each.
    """
    yield from findings(recipe, RULES)
