"""Whether replies marked good come out above those marked bad."""

from __future__ import annotations

from dataclasses import dataclass

from emp_tooling.score.scored import Scored

TIE = 1e-9
"""Totals that differ by less are equal: the order of a sum moves its last digits."""


@dataclass(frozen=True)
class Inversion:
    """A good reply whose total is not above that of every bad one of its group.

    Attributes:
        group: The group's name.
        good: Position of the good reply.
        bad: Positions of the bad replies that score as much or more, highest first.
    """

    group: str
    good: int
    bad: list[int]


def inversions(scored: Scored) -> list[Inversion]:
    """Finds good replies that do not score above every bad one of their group.

    Args:
        scored: The scored replies; those without a label are not compared.

    Returns:
        One for each such good reply.
    """
    found = []
    for group, rows in scored.groups().items():
        bad = [row for row in rows if scored.replies[row].label == "bad"]
        bad.sort(key=lambda row: -scored.totals[row])
        for good in rows:
            if scored.replies[good].label == "good":
                above = [row for row in bad if scored.totals[good] - scored.totals[row] <= TIE]
                found += [Inversion(group, good, above)] if above else []
    return found


def describe(inversion: Inversion, scored: Scored) -> str:
    """An inversion in one line that names the replies by their id.

    Args:
        inversion: One of ``inversions(scored)``.
        scored: The scored replies.

    Returns:
        The line; it holds no text of a client or a reply.
    """
    good, *bad = (
        f"{scored.replies[row].id} ({scored.totals[row]:.3f})"
        for row in (inversion.good, *inversion.bad)
    )
    return f"{inversion.group}: good {good} does not score above bad {', '.join(bad)}"
