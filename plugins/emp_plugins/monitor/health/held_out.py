"""Whether a measure on the held-out prompts has moved by more than its noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from emp_plugins.measure import Figure
from emp_plugins.monitor.history import History

CLEAR = 1.5
"""So many half-intervals apart, one measurement is enough; else two in a row must show it."""

WILSON = 1.96**2
"""Where all n replies agree, a share may still be WILSON / (n + WILSON) off, by Wilson's 95 %
interval; a bootstrap cannot see that."""

UNSEEN = {"distinct": 1.5}
"""How much wider the noise is than the interval: two replies that say the same count twice, and a
bootstrap takes them for independent."""


@dataclass(frozen=True)
class Move:
    """A measure then and now.

    Attributes:
        first: At the first measurement that has it.
        last: At the last one.
        up: It rose beyond noise.
        down: It fell beyond noise.
    """

    first: Figure
    last: Figure
    up: bool
    down: bool

    @property
    def change(self) -> float:
        """Last mean minus first."""
        return self.last.mean - self.first.mean


def apart(first: Figure, last: Figure) -> float:
    """The distance of two means as a multiple of the halves of their intervals that lie between.

    Beyond 1 and -1 the intervals do not overlap.

    Args:
        first: The earlier figure.
        last: The later figure.

    Returns:
        Positive where the mean rose; 0 where that cannot be told (a value is not finite).

    Example:
        >>> round(apart(Figure(0.5, 0.2, 0.4, 0.6, 24), Figure(0.8, 0.2, 0.7, 0.9, 24)), 2)
        1.5
    """
    gap = last.mean - first.mean
    noise = reach(first, last, up=gap > 0)
    ratio = gap / noise if noise > 0 else 0.0
    return ratio if math.isfinite(ratio) else 0.0


def reach(first: Figure, last: Figure, *, up: bool) -> float:
    """The change of the mean from which on the intervals no longer overlap.

    Args:
        first: The earlier figure.
        last: The later figure.
        up: Whether the mean rose.

    Returns:
        At least 0; NaN where a figure counts no replies.
    """
    return half(first, up=up) + half(last, up=not up)


def moved(history: History, name: str) -> Move | None:
    """How a measure has moved since the first measurement that has it.

    It has moved where the last measurement lies clearly apart from the first (see ``CLEAR``), or
    the last two lie apart from it on the same side.

    Args:
        history: The run so far.
        name: The measure.

    Returns:
        The move, or None where fewer than two measurements have it or the last has not.

    Example:
        >>> from emp_plugins.monitor.history import Point
        >>> low, high = Figure(0.2, 0.1, 0.1, 0.3, 24), Figure(0.9, 0.1, 0.8, 1.0, 24)
        >>> run = History(points=(Point(0, {"safe": high}), Point(10, {"safe": low})))
        >>> moved(run, "safe").down
        True
    """
    figures = [_finite(point.figures.get(name)) for point in history.points]
    start = next((place for place, figure in enumerate(figures) if figure), len(figures))
    first, *after = figures[start:] or [None]
    last = after[-1] if after else None
    if first is None or last is None:
        return None
    wider = UNSEEN.get(name, 1.0)
    now = apart(first, last) / wider
    then = apart(first, before) / wider if len(after) > 1 and (before := after[-2]) else 0.0
    return Move(
        first,
        last,
        up=now > CLEAR or min(now, then) > 1,
        down=now < -CLEAR or max(now, then) < -1,
    )


def late(history: History, name: str, count: int) -> Sequence[Figure]:
    """A measure in the last measurements, the first of the run left out.

    Args:
        history: The run so far.
        name: The measure.
        count: How many measurements, at least 1.

    Returns:
        The figures, earliest first; empty where there are fewer, or one lacks the measure.
    """
    points = history.points[1:][-count:]
    found = [figure for point in points if (figure := _finite(point.figures.get(name)))]
    return found if len(found) == count else []


def half(figure: Figure, *, up: bool) -> float:
    """How far the mean may be off, in one direction.

    Args:
        figure: The figure.
        up: Upwards; else downwards.

    Returns:
        At least 0; NaN where the figure counts no replies.

    Example:
        >>> half(Figure(0.5, 0.2, 0.25, 0.7, 24), up=False)
        0.25
        >>> round(half(Figure(1.0, 0.0, 1.0, 1.0, 24), up=False), 2)
        0.14
    """
    if figure.n < 1:
        return math.nan
    if figure.spread == 0:
        return WILSON / (figure.n + WILSON)
    return max(figure.high - figure.mean if up else figure.mean - figure.low, 0.0)


def _finite(figure: Figure | None) -> Figure | None:
    return figure if figure is not None and math.isfinite(figure.mean) else None
