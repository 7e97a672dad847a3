"""From measured replies to a point of the run's history, and to the names that trackers show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from emp_plugins.affect.hourglass import AXES
from emp_plugins.measure import AFFECT, AT_RISK, Measured
from emp_plugins.monitor.history import Point

PREFIX = "monitor/"
SLOPE_STEPS = 100
RISK = "risk"
WITH_INTERVAL = frozenset((*AFFECT, "polarity", "calibrated_polarity", "reward_total"))

Rows = Sequence[Mapping[str, Any]]


def make_point(step: int, rows: Rows, measured: Measured, **more: Any) -> Point:
    """Sums replies up, all of them and by group.

    Args:
        step: Training step.
        rows: The prompts' rows.
        measured: Their replies, one a row.
        **more: ``shares``, ``seconds`` and ``memory_gib`` of the point.

    Returns:
        The point.
    """
    groups = {name: measured.means(chosen) for name, chosen in group_rows(rows).items()}
    return Point(step, measured.summary(), measured.failures(), groups, **more)


def group_rows(rows: Rows) -> dict[str, list[int]]:
    """The rows of each group of clients.

    Args:
        rows: Prompt rows.

    Returns:
        Group to places in ``rows``: a persona's key, ``axis:<Axis>`` of the clients whose lowest
        axis is that one and below 0, and ``risk`` of the clients at risk.

    Example:
        >>> group_rows([{"persona": "mdd", "risk": 3, "state": {"affect": [-0.4, 0, 0, 0]}}])
        {'mdd': [0], 'risk': [0], 'axis:Introspection': [0]}
    """
    found: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        names = [row["persona"]] if row.get("persona") else []
        if (row.get("risk") or 0) >= AT_RISK:
            names.append(RISK)
        affect = (row.get("state") or {}).get("affect")
        if affect and min(affect) < 0:
            names.append(f"axis:{AXES[list(affect).index(min(affect))]}")
        for name in names:
            found.setdefault(str(name), []).append(place)
    return found


def metrics(points: Sequence[Point]) -> dict[str, float]:
    """The last point as a tracker shows it.

    Args:
        points: Every point so far, at least one.

    Returns:
        ``monitor/<measure>`` is the mean; of rewards, polarity and the axes also ``/low`` and
        ``/high`` of its 95 % interval and ``/spread``; ``monitor/calibrated_polarity/slope`` is
        its change for every 100 steps since the first point, by least squares, from the second
        point on. Further ``monitor/failures/<reason>``, ``monitor/share/<part>``,
        ``monitor/risk_missed``, ``monitor/seconds`` and ``monitor/memory_gib``.
    """
    last = points[-1]
    found: dict[str, float] = {}
    for name, figure in last.figures.items():
        found[name] = figure.mean
        if name in WITH_INTERVAL or name.startswith("reward/"):
            found |= {f"{name}/low": figure.low, f"{name}/high": figure.high}
            found[f"{name}/spread"] = figure.spread
    if "risk_handled" in found:
        found["risk_missed"] = 1.0 - found["risk_handled"]
    trend = slope([(point.step, point.mean("calibrated_polarity")) for point in points])
    if trend is not None:
        found["calibrated_polarity/slope"] = trend
    found |= {f"failures/{slug(reason)}": share for reason, share in last.failures.items()}
    found |= {f"share/{part}": share for part, share in last.shares.items()}
    found["seconds"] = last.seconds
    if last.memory_gib is not None:
        found["memory_gib"] = last.memory_gib
    return {PREFIX + name: value for name, value in found.items()}


def slope(series: Sequence[tuple[int, float | None]]) -> float | None:
    """How fast something changes, by least squares.

    Args:
        series: Steps and values; None where there is no value.

    Returns:
        Change for every 100 steps; None with fewer than two values at different steps.

    Example:
        >>> round(slope([(0, 0.5), (50, 0.6), (100, 0.7)]), 6)
        0.2
    """
    known = [(step, value) for step, value in series if value is not None]
    if len({step for step, _ in known}) < 2:
        return None
    steps, values = np.array(known, dtype=float).T
    away = steps - steps.mean()
    return float(away @ (values - values.mean()) / (away @ away)) * SLOPE_STEPS


def slug(reason: str) -> str:
    """A reason as the end of a metric's name.

    Example:
        >>> slug("missing <answer>"), slug("missing </answer>")
        ('missing_answer', 'missing_end_of_answer')
    """
    return re.sub(r"\W+", "_", reason.replace("</", "end of ")).strip("_").lower()
