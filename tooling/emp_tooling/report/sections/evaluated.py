"""What the evaluation measured of the model and its base."""

from __future__ import annotations

from collections.abc import Sequence

from emp_tooling.evaluate.words import (
    DETAILS,
    ERRORS,
    number,
    ordered,
    signed,
    title,
    wish,
)
from emp_tooling.pages import texts
from emp_tooling.pages.page import Mood, Section
from emp_tooling.pages.tables import Cell, table
from emp_tooling.report.evaluation import Ends, Evaluation, Measure
from emp_tooling.report.run import Run

MORE = (
    "Dialogues",
    "Errors in dialogues",
    "Errors by rule",
    "Errors by the phrase bank",
    *DETAILS,
    "Other",
)
"""Groups that a reader unfolds."""


def section(runs: Sequence[Run]) -> Section | None:
    """A table for each run that was evaluated.

    Args:
        runs: One or several.

    Returns:
        The section, or None where no run has measures.
    """
    html = ""
    for run in runs:
        if run.evaluation and run.evaluation.measures:
            html += texts.heading(run.name) if len(runs) > 1 else ""
            html += _tables(run.evaluation)
    intro = "The model and its base on the same held-out prompts, with 95 % intervals."
    return Section("evaluation", "Evaluation", html, intro) if html else None


def _tables(found: Evaluation) -> str:
    measures = {one.name: one for one in found.measures if not _absent(one)}
    base, model = found.sides
    head = ["Measure", f"Base: {base}", f"Model: {model}", "Change"]
    shown, more = [], []
    for group, names in ordered(measures):
        rows = more if group in MORE else shown
        rows += [[group], *(_row(measures[name]) for name in names)]
    html = table(head, shown) if shown else ""
    return html + (texts.folded("More measures", table(head, more)) if more else "")


def _absent(one: Measure) -> bool:
    """Whether it is an error that neither model made."""
    return ERRORS in one.name and not one.base and not one.model


def _row(one: Measure) -> list[Cell]:
    change, mood, word, ends = "", "", "", ""
    if one.base is not None and one.model is not None:
        change = signed(one.model - one.base, one.name)
        mood, word = judged(one)
    if one.change_ends:
        ends = " to ".join(signed(end, one.name) for end in one.change_ends)
    return [
        Cell(title(one.name)),
        _value(one.base, one.base_ends, one.name),
        _value(one.model, one.model_ends, one.name),
        Cell(change, ", ".join(filter(None, (word, ends))), mood),
    ]


def judged(one: Measure) -> tuple[Mood, str]:
    """Whether a change is for the better, as far as the interval tells.

    Args:
        one: A measure with both numbers.

    Returns:
        A mood and a word; both empty where the change is within chance or means nothing by itself.

    Example:
        >>> judged(Measure("safe", 0.9, 0.5, change_ends=(-0.5, -0.3)))
        ('bad', 'worse')
        >>> judged(Measure("safe", 0.9, 0.89, change_ends=(-0.1, 0.1)))
        ('', '')
    """
    low, high = one.change_ends or _apart(one)
    better = wish(one.name)
    if not better or low <= 0 <= high:
        return "", ""
    return ("good", "better") if better * low > 0 else ("bad", "worse")


def _apart(one: Measure) -> Ends:
    """Ends of the change where only both means have intervals: the widest that they allow."""
    base = one.base_ends or (one.base, one.base)
    model = one.model_ends or (one.model, one.model)
    return model[0] - base[1], model[1] - base[0]


def _value(value: float | None, ends: Ends | None, name: str) -> Cell:
    if value is None:
        return Cell("no value")
    return Cell(number(value, name), " to ".join(number(end, name) for end in ends or ()))
