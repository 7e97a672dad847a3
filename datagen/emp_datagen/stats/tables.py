"""The figures of a file as tables, the same for the terminal, the page and the card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emp_datagen.duplicates import THRESHOLD
from emp_datagen.stats.text import SAMPLE, SEED

RISK = {
    "0": "none",
    "1": "hopelessness",
    "2": "passive ideation",
    "3": "active ideation or self-harm",
    "4": "plan, means or intent",
}
"""Levels of risk in words."""

METHOD = (
    (
        "Near-duplicates",
        f"Share of replies whose word 3-grams are at least {THRESHOLD:.0%} alike (Jaccard, "
        "estimated by MinHash) to an earlier one's; chosen and rejected replies each with their "
        "like. Where a file has no replies, of the clients' messages.",
    ),
    (
        "Distinct-n",
        f"Unique n-grams over all n-grams, on at most {SAMPLE} replies drawn with seed {SEED}. "
        "It falls with the length of a text: where chosen and rejected stand side by side, both "
        "are cut to the same number of tokens.",
    ),
    (
        "Length ratio",
        "Median over the pairs of the words of chosen over those of rejected, to three decimals. "
        "Of replies with reasoning the answer counts.",
    ),
    (
        "Judges agree",
        "Share of judged pairs whose chosen reply is not vetoed and scores higher; of all pairs "
        "before the filter where the run's report tells, else of those in the file.",
    ),
    ("Schema-valid", "Share of rows that meet the dataset contract; a file of others has none."),
)
"""How each figure is made."""


@dataclass(frozen=True)
class Line:
    """One row of a table.

    Attributes:
        label: What it is about.
        values: One text a column.
        share: Length of a bar, 0 to 1, or None for none; of counts the greatest is 1.
    """

    label: str
    values: tuple[str, ...]
    share: float | None = None


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: Its heading.
        head: Titles of the columns, that of the labels first.
        lines: Its rows.
    """

    title: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]


def tables(result: Mapping[str, Any]) -> list[Table]:
    """All tables of a result.

    Args:
        result: What `emp_datagen.stats.measure` says.

    Returns:
        The tables in the order in which they are shown; none is empty.
    """
    rows = result["rows"]
    replies = sum(result["errors"].values())
    found = [
        _figures(result),
        _counts("Personas", "persona", result["personas"], rows),
        _counts("Clinical errors", "error", result["errors"], replies),
        _counts("Risk levels", "level", _in_words(result["risk"]), rows),
        _counts("Turns of the client", "turns", result["turns"], rows),
        _middles("Words", result["lengths"], "{:.1f}"),
        _middles("Polarity", result["polarity"], "{:+.2f}"),
        _sides(result["distinct_by_side"]),
        _agreement(result["agreement_by_error"]),
        _counts("Dropped", "reason", result["dropped"] or {}, None),
        _counts("Failed", "reason", result["failed"] or {}, None),
    ]
    return [table for table in found if table.lines]


def _figures(result: Mapping[str, Any]) -> Table:
    dropped, failed = result["dropped"], result["failed"]
    when = "before the filter" if result["agreement_before_filter"] else "in this file"
    agreement = share(result["judge_agreement"])
    lines = [
        ("Rows", f"{result['rows']:,} ({result['kind']})"),
        ("Schema-valid", share(result["schema_valid"])),
        ("Near-duplicates", share(result["near_duplicates"])),
        *((f"Distinct-{n}", _number(result[f"distinct_{n}"])) for n in (1, 2, 3)),
        ("Length ratio", _number(result["length_ratio"])),
        ("Judges agree", agreement if agreement == "unknown" else f"{agreement} {when}"),
        ("Dropped", "unknown" if dropped is None else f"{sum(dropped.values()):,}"),
        ("Failed", "unknown" if failed is None else f"{sum(failed.values()):,}"),
    ]
    known = tuple(Line(name, (text,)) for name, text in lines if text)
    return Table("Figures", ("figure", "value"), known)


def _counts(title: str, head: str, counts: Mapping[str, int], whole: int | None) -> Table:
    total, most = whole or sum(counts.values()), max(counts.values(), default=1)
    lines = tuple(
        Line(name, (f"{count:,}", f"{count / total:.1%}"), count / most)
        for name, count in counts.items()
    )
    return Table(title, (head, "count", "share"), lines)


def _in_words(counts: Mapping[str, int]) -> dict[str, int]:
    return {f"{level} {RISK.get(level, '')}".strip(): count for level, count in counts.items()}


def _middles(title: str, found: Mapping[str, Mapping[str, Any]], form: str) -> Table:
    lines = tuple(
        Line(side, (form.format(one["median"]), form.format(one["mean"]), f"{one['count']:,}"))
        for side, one in found.items()
    )
    return Table(title, ("of", "median", "mean", "texts"), lines)


def _sides(found: Mapping[str, Mapping[str, Any]] | None) -> Table:
    lines = tuple(
        Line(side, (*(_number(one[f"distinct_{n}"]) for n in (1, 2, 3)), f"{one['tokens']:,}"))
        for side, one in (found or {}).items()
    )
    head = ("side", "distinct-1", "distinct-2", "distinct-3", "tokens")
    return Table("Distinct-n side by side", head, lines)


def _agreement(found: Mapping[str, Mapping[str, int]]) -> Table:
    lines = tuple(
        Line(
            name,
            (f"{one['judged']:,}", share(one["agree"] / one["judged"] if one["judged"] else None)),
            one["agree"] / one["judged"] if one["judged"] else None,
        )
        for name, one in found.items()
    )
    return Table("Judges agree by clinical error", ("error", "judged", "agree"), lines)


def share(value: float | None) -> str:
    """A share as text.

    Example:
        >>> share(0.5), share(None)
        ('50.0%', 'unknown')
    """
    return "unknown" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    """To three decimals; empty where it does not apply."""
    return "" if value is None else f"{value:.3f}"
