"""Which curves a run has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emp_tooling.report.run import Run
from emp_tooling.report.words import pretty


@dataclass(frozen=True)
class Curve:
    """What one chart shows.

    Attributes:
        title: Its heading.
        log: Key of the trainer's log; empty for none.
        measure: The monitor's measure; empty for none.
    """

    title: str
    log: str = ""
    measure: str = ""


def reward_curves(runs: Sequence[Run]) -> list[Curve]:
    """A curve for each reward that a run logged or measured.

    Args:
        runs: One or several.

    Returns:
        Curves in the order in which the rewards were logged.
    """
    names: dict[str, None] = {}
    for run in runs:
        logged = (re.fullmatch(r"rewards/(.+)/mean", key) for key in run.logs.keys)
        names |= {found[1]: None for found in logged if found}
        measured = (name for point in run.points for name in point.figures)
        names |= {n.removeprefix("reward/"): None for n in measured if n.startswith("reward/")}
    return [Curve(pretty(name), f"rewards/{name}/mean", f"reward/{name}") for name in names]
