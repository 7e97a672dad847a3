"""What is known about a statement beyond its truth: words by which a reply shows its side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from emp_plugins.files import read_yaml
from emp_tooling.evaluate.guards import Statement
from emp_tooling.evaluate.guards.content import classes, matter, negates
from emp_tooling.evaluate.guards.wording import Segment

MOST = 2.0
"""Where counts of words end, so that a long reply does not outweigh everything else."""

HINT = 0.5
"""How much a hint counts beside a word that tells a stance by itself."""


@dataclass(frozen=True)
class Side:
    """Word classes of one stance on a statement.

    Attributes:
        known: Those that tell it by themselves.
        hinted: Weaker ones.
    """

    known: frozenset[str]
    hinted: frozenset[str]


def known(statement: Statement, parts: Sequence[Segment]) -> dict[str, float]:
    """Words of a reply that go with one stance on a statement.

    Args:
        statement: What the user said; a statement that does not ship has no such words.
        parts: The segments of the reply; questions do not count.

    Returns:
        How many different ones of each stance, at most ``MOST``: known and hinted, in segments
        that negate (``.../denied``) and others; and by how much either stance has more.
    """
    row: dict[str, float] = {}
    told = _told(parts)
    for stance, side in _sides(statement).items():
        for end, here in told.items():
            row[f"known/{stance}{end}"] = min(MOST, len(here & side.known))
            row[f"hinted/{stance}{end}"] = min(MOST, len(here & side.hinted))
    return row | dict(_balance(row))


def _told(parts: Sequence[Segment]) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {"": set(), "/denied": set()}
    for part in parts:
        if not part.asked:
            told["/denied" if negates(part.text) else ""] |= classes(part.text)
    return told


def _balance(row: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    agrees, corrects = (
        row.get(f"known/{stance}", 0.0) + HINT * row.get(f"hinted/{stance}", 0.0)
        for stance in ("agrees", "corrects")
    )
    yield "more/agrees", min(MOST, max(0.0, agrees - corrects))
    yield "more/corrects", min(MOST, max(0.0, corrects - agrees))


@lru_cache(maxsize=1024)
def _sides(statement: Statement) -> dict[str, Side]:
    """Stance to its words, without those that the user said or that the truth holds."""
    raw = _table().get(statement.id)
    if raw is None:
        return {}
    about = matter(statement)
    used = about.said | about.distress
    right = Side(classes(raw["right"]) - used, classes(raw["hints_right"]) - used)
    wrong = Side(
        classes(raw["wrong"]) - used - about.truth, classes(raw["hints_wrong"]) - used - about.truth
    )
    if statement.kind == "true":
        return {"agrees": right, "corrects": wrong}
    return {"agrees": wrong, "corrects": right}


@cache
def _table() -> dict[str, dict[str, str]]:
    with resources.as_file(resources.files(__package__) / "knowledge.yml") as path:
        return read_yaml(path)
