"""The data columns that rewards read."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emp_plugins.check.datasets.contracts import OURS, REWARDED, Column
from emp_plugins.check.datasets.reader import Row
from emp_plugins.check.datasets.rows import check_column
from emp_plugins.check.datasets.values import Names
from emp_plugins.check.finding import Finding, nearest
from emp_plugins.check.imports.functions import GIVEN, functions
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.rewards import REWARDS

UNTOUCHED = ("emp_plugins.prompts", "emp_plugins.wassa")
"""Types that leave the other columns as they are."""


def check_reads(
    recipe: Recipe, key: KeyPath, entry: Mapping[str, Any], rows: Sequence[Row]
) -> Iterator[Finding]:
    """Columns that a reward needs and the data lacks, or that hold what it cannot read.

    Args:
        recipe: The recipe.
        key: Path of the entry of ``datasets``.
        entry: The entry.
        rows: The first rows of its file.

    Yields:
        An error for each column of ours with a wrong value, and for each required parameter of the
        user's reward functions that is no column.
    """
    if recipe.method not in REWARDED:
        return
    for name in sorted(_read_by_ours(recipe)):
        present = [row for row in rows if name in row.values]
        yield from check_column(recipe, key, Column(name, name), present, Names())
    if entry.get("type") is None or entry.get("type") in UNTOUCHED:
        held = {name for row in rows for name in row.values} - {"prompt", "completion"}
        for path, name, function in functions(recipe):
            yield from _needs(recipe, path, name, function, held, rows[0].place)


def _read_by_ours(recipe: Recipe) -> set[str]:
    block = recipe.get("empathy", "rewards")
    used = [REWARDS[name] for name in block if name in REWARDS] if isinstance(block, dict) else []
    return {column for module in used for column in getattr(module, "COLUMNS", ())}


def _needs(
    recipe: Recipe, path: KeyPath, name: str, function: Any, held: set[str], place: str
) -> Iterator[Finding]:
    for parameter in required(function):
        if parameter in held or parameter in GIVEN:
            continue
        yield recipe.finding(
            path,
            f"{name} needs the column {parameter}, which {place.rpartition(':')[0]} lacks",
            suggestion=nearest(parameter, {*held, *GIVEN}) or "add it, or give it a default",
        )


def required(function: Any) -> list[str]:
    """The parameters of a reward function that have no default.

    Args:
        function: A callable.

    Returns:
        Their names; none where Python cannot tell.

    Example:
        >>> required(lambda prompts, completions, score, weight=1.0, **columns: [])
        ['prompts', 'completions', 'score']
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p.name for p in parameters if p.default is p.empty and p.kind in named]


def kept(entry: Mapping[str, Any], row: Row) -> dict[str, Any]:
    """The columns of a row that reach the rewards.

    Args:
        entry: An entry of ``datasets``.
        row: One of its rows.

    Returns:
        All but the prompt and what the dataset's transform replaces.
    """
    replaced = {"prompt", "completion"}
    if entry.get("type") == "emp_plugins.prompts":
        replaced |= {column.name for column in OURS["prompts"][1]}
    return {name: value for name, value in row.values.items() if name not in replaced}
