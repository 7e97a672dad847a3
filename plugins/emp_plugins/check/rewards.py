"""What is wrong with the ``empathy:`` block beyond what its schema says."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping

from emp_plugins.check.files.local import is_local, near_path
from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.config import WEIGHT, EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.judges import BACKENDS
from emp_plugins.judges.endpoint import rubric
from emp_plugins.rewards import REWARDS
from emp_plugins.validation import Invalid, Problem

KINDS = ("value_error", "finite_number", "template", WEIGHT)
"""Problems that no JSON Schema sees; the check of keys reports the others: unknown names, wrong
types, bounds."""


def check(recipe: Recipe) -> Iterator[Finding]:
    """Values of the block that its own validation refuses, and judges that it lacks.

    Args:
        recipe: The recipe.

    Yields:
        An error for each.
    """
    if not isinstance(recipe.get("empathy"), Mapping):
        return
    yield from _needed_judges(recipe)
    yield from _judge_files(recipe)
    yield from _matrix(recipe)
    try:
        EmpathyConfig.from_recipe(recipe.data)
    except Invalid as error:
        for problem in error.problems:
            if problem.kind in KINDS:
                yield _finding(recipe, problem)


def _finding(recipe: Recipe, problem: Problem) -> Finding:
    if problem.kind == WEIGHT:
        return recipe.finding((*problem.path, "weight"), problem.message)
    absent = problem.kind == "template" and problem.message.endswith("no such file")
    near = near_path(str(recipe.get("empathy", "template"))) if absent else ""
    return recipe.finding(problem.path, problem.message, suggestion=near)


def _needed_judges(recipe: Recipe) -> Iterator[Finding]:
    """Judges that a reward cannot do without, that do not ship and that the block does not name."""
    rewards = recipe.get("empathy", "rewards")
    named = recipe.get("empathy", "judges") or {}
    for name in rewards if isinstance(rewards, Mapping) else ():
        for kind in getattr(REWARDS.get(name), "NEEDS", ()):
            if kind in BACKENDS["embedded"] or kind in named:
                continue
            backends = " or ".join(backend for backend, kinds in BACKENDS.items() if kind in kinds)
            yield recipe.finding(
                ("empathy", "rewards", name),
                f"needs a judge of kind {kind}, and none ships",
                suggestion=f"name one under empathy.judges.{kind}, backend {backends}",
            )


def _judge_files(recipe: Recipe) -> Iterator[Finding]:
    """Folders of checkpoints and files of rubrics; hub ids are not looked up."""
    judges = recipe.get("empathy", "judges")
    for kind, spec in judges.items() if isinstance(judges, Mapping) else ():
        if not isinstance(spec, Mapping):
            continue
        key = ("empathy", "judges", kind)
        named = spec.get("rubric")
        if spec.get("backend") == "openai" and isinstance(named, str):
            try:
                rubric.load(named)
            except InputError as error:
                yield recipe.finding((*key, "rubric"), str(error))
        model = spec.get("model")
        local = isinstance(model, str) and spec.get("backend") != "openai" and is_local(model)
        if local and not os.path.exists(os.path.expanduser(model)):
            near = near_path(model)
            yield recipe.finding((*key, "model"), f"{model}: no such folder", suggestion=near)


def _matrix(recipe: Recipe) -> Iterator[Finding]:
    rows = recipe.get("empathy", "matrix")
    for label, row in rows.items() if isinstance(rows, Mapping) else ():
        for index, number in enumerate(row if isinstance(row, list) else ()):
            if isinstance(number, float) and not math.isfinite(number):
                key = ("empathy", "matrix", label, index)
                yield recipe.finding(key, f"expected a finite number, got {number}")
