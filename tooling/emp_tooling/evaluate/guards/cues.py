"""The phrase tables of stances."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources

from emp_plugins.files import read_yaml
from emp_plugins.patterns import Patterns, first
from emp_plugins.safety.text import alternatives
from emp_tooling.evaluate.guards import KINDS, Statement
from emp_tooling.evaluate.guards.wording import Segment, segments


@dataclass(frozen=True)
class Cue:
    """One row of ``cues.yml``.

    Attributes:
        name: Its key.
        weight: Above 0 for agreeing, below 0 for correcting.
        asked: Whether it counts in a question too.
        kinds: Kinds of statement that it counts for.
    """

    name: str
    weight: float
    asked: bool
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Heard:
    """What the tables hear in one segment.

    Attributes:
        cues: The cues that count.
        feelings: Whether it is about the user's feelings.
        silenced: What its wording takes away: ``all``, ``agrees`` or ``corrects``.
    """

    cues: tuple[Cue, ...]
    feelings: bool
    silenced: frozenset[str]

    def without(self, cues: Collection[Cue]) -> Heard:
        """The same without some cues."""
        return replace(self, cues=tuple(cue for cue in self.cues if cue not in cues))


class Tables:
    """The tables, made ready to be run on whole replies.

    Args:
        cues: Cue to its alternatives.
        others: Names such as ``feelings`` to theirs.
    """

    def __init__(self, cues: Mapping[Cue, Sequence[str]], others: Mapping[str, Sequence[str]]):
        self._patterns = Patterns({**cues, **others})

    def hear(self, parts: Sequence[Segment], kind: str) -> Iterator[Heard]:
        """Runs the tables on a reply.

        Args:
            parts: The segments of the reply.
            kind: The kind of the statement.

        Yields:
            What is heard in each.
        """
        possible = self._patterns.possible(" \n ".join(part.text for part in parts))
        for part in parts:
            yield _heard(part, kind, possible)


def _heard(
    part: Segment, kind: str, possible: Mapping[Cue | str, Sequence[re.Pattern[str]]]
) -> Heard:
    found = {name for name, options in possible.items() if first(options, part.text)}
    cues = [one for one in found if isinstance(one, Cue)]
    counted = (one for one in cues if kind in one.kinds and (one.asked or not part.asked))
    return Heard(
        cues=tuple(sorted(counted, key=lambda cue: cue.name)),
        feelings="feelings" in found,
        silenced=frozenset(one for one in ("all", "agrees", "corrects") if one in found),
    )


@cache
def tables() -> Tables:
    """Reads ``cues.yml``.

    Returns:
        The tables, the same object each time.
    """
    with resources.as_file(resources.files(__package__) / "cues.yml") as path:
        raw = read_yaml(path)
    parts = raw["fragments"]
    cues = {
        Cue(name, row["weight"], row.get("asked", False), tuple(row.get("kinds", KINDS))): (
            alternatives(row["patterns"], parts)
        )
        for name, row in raw["cues"].items()
    }
    others = {**raw["silences"], "feelings": raw["feelings"]}
    return Tables(cues, {name: alternatives(rows, parts) for name, rows in others.items()})


@lru_cache(maxsize=1024)
def own_cues(statement: Statement) -> frozenset[Cue]:
    """Cues that the claim and the neutral message hold themselves.

    Args:
        statement: What the user said.

    Returns:
        Cues for correcting that a reply holds by repeating the user's words.
    """
    parts = [*segments(statement.claim), *segments(statement.neutral)]
    heard = tables().hear(parts, statement.kind)
    return frozenset(cue for here in heard for cue in here.cues if cue.weight < 0)
