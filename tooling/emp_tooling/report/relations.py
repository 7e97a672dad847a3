"""How rewards go together, and whether length buys reward."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emp_tooling.report.completions import Scored
from emp_tooling.report.curves import reward_curves
from emp_tooling.report.run import Run

LEAST_REPLIES = 20
"""With fewer replies a correlation of .4 is within chance."""

LEAST_STEPS = 8


@dataclass(frozen=True)
class Relations:
    """Numbers that belong together, one row a reply or a logged step.

    Attributes:
        source: Where they come from, in words.
        columns: Reward to values; NaN where there is none.
        lengths: Length of each row, with what it counts.
        totals: Total reward of each row.
        unit: What the length counts.
    """

    source: str
    columns: Mapping[str, Sequence[float]]
    lengths: Sequence[float]
    totals: Sequence[float]
    unit: str


def relations(run: Run) -> Relations | None:
    """The best numbers that a run has: single replies, else means over steps.

    Args:
        run: The run.

    Returns:
        The numbers, or None where there are too few.
    """
    found = [(run.completions, "replies that the run kept")]
    if run.evaluation:
        found.append((run.evaluation.completions, "replies of the model in the evaluation"))
    for completions, what in found:
        kept, count = len(completions.scored), completions.count
        if kept >= LEAST_REPLIES:
            of = f"{kept} of {count}" if kept < count else f"the {count}"
            return from_replies(completions.scored, f"{of} {what}")
    return _from_logs(run)


def from_replies(scored: Sequence[Scored], source: str) -> Relations:
    """One row a reply.

    Args:
        scored: Numbers of replies.
        source: Where they come from.

    Returns:
        The numbers.
    """
    names = dict.fromkeys(name for one in scored for name in one.rewards)
    return Relations(
        source=source,
        columns={name: [one.rewards.get(name, math.nan) for one in scored] for name in names},
        lengths=[float(one.words) for one in scored],
        totals=[one.total for one in scored],
        unit="words of the reply",
    )


def correlations(columns: Mapping[str, Sequence[float]]) -> list[list[float]]:
    """Pearson correlations over the rows that both columns have.

    Args:
        columns: As many numbers each; NaN where there is none.

    Returns:
        A symmetric matrix; NaN where a column does not vary or fewer than 3 rows are shared.

    Example:
        >>> correlations({"a": [1, 2, 3], "b": [3, 2, 1]})
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    values = list(columns.values())
    return [[correlation(one, other) for other in values] for one in values]


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's correlation over the rows where both are finite, in [-1, 1], or NaN."""
    import numpy as np

    table = np.array([one, other], dtype=float)
    table = table[:, np.isfinite(table).all(axis=0)]
    if table.shape[1] < 3:
        return math.nan
    away = table - table.mean(axis=1, keepdims=True)
    norms = np.sqrt((away**2).sum(axis=1))
    if (norms <= 1e-9 * np.maximum(1.0, np.abs(table).max(axis=1))).any():
        return math.nan
    return float(np.clip(np.round(away[0] @ away[1] / norms.prod(), 12), -1.0, 1.0))


def _from_logs(run: Run) -> Relations | None:
    curves = reward_curves([run])
    keys = {curve.log: curve.log.removeprefix("rewards/").removesuffix("/mean") for curve in curves}
    rows = [log for log in run.logs.entries if "reward" in log]
    if len(rows) < LEAST_STEPS:
        return None

    def column(key: str) -> list[float]:
        return [log.get(key, math.nan) for log in rows]

    columns = {name: column(key) for key, name in keys.items() if any(key in log for log in rows)}
    return Relations(
        source=f"means over {len(rows)} logged steps (the run kept no single replies)",
        columns=columns,
        lengths=column("completions/mean_length"),
        totals=column("reward"),
        unit="mean length, tokens",
    )
