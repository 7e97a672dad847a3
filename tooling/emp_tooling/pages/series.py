"""What a chart shows: lines and clouds of points, thinned to what a screen can tell apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

STYLES = 6
"""Colors and dash patterns of the style sheet."""

MOST_POINTS = 240

DOTS_UP_TO = 30
"""A line of more points is drawn without dots."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """A line or a cloud of points.

    Attributes:
        name: For the legend, plain text.
        points: x and y by rising x; those that are not finite are left out.
        low: Low ends of the points' intervals, as many as points; None for no ribbon.
        high: High ends.
        color: Number of the color; None for its place among the series.
        dash: Number of the dash pattern; None for the number of the color.
        smooth: Draw the points thin and their running mean thick.
    """

    name: str
    points: Sequence[Point]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    color: int | None = None
    dash: int | None = None
    smooth: bool = False

    @property
    def xs(self) -> list[float]:
        """Every x."""
        return [x for x, _ in self.points]

    @property
    def ys(self) -> list[float]:
        """Every y."""
        return [y for _, y in self.points]

    @property
    def dotted(self) -> bool:
        """Whether a line shows its points."""
        return len(self.points) == 1 or (len(self.points) <= DOTS_UP_TO and not self.smooth)

    @property
    def ends(self) -> list[float]:
        """The finite ends of all intervals."""
        return [end for end in (*(self.low or ()), *(self.high or ())) if math.isfinite(end)]


def drawable(series: Sequence[Series], *, peaks: bool) -> list[Series]:
    """The series as they are drawn: finite, thinned, each with a color and a dash pattern.

    Args:
        series: Any.
        peaks: Thin so that peaks stay, as for a line; else take points at even distances.

    Returns:
        Those that have a point.
    """
    thin = _thinned if peaks else _sparse
    shown = [_styled(thin(_finite(one)), place) for place, one in enumerate(series)]
    return [one for one in shown if one.points]


def running_mean(values: Sequence[float]) -> list[float]:
    """A centered mean over about an eighth of the values.

    Args:
        values: The raw series.

    Returns:
        As many values.
    """
    half = max(1, len(values) // 16)
    windows = [values[max(0, i - half) : i + half + 1] for i in range(len(values))]
    return [sum(window) / len(window) for window in windows]


def _finite(one: Series) -> Series:
    return _take(one, [i for i, point in enumerate(one.points) if all(map(math.isfinite, point))])


def _thinned(one: Series) -> Series:
    """Keeps the least and the greatest of every stretch, so that no spike is lost."""
    ys, rows = one.ys, []
    if len(ys) <= MOST_POINTS:
        return one
    size = math.ceil(2 * len(ys) / MOST_POINTS)
    for start in range(0, len(ys), size):
        part = range(start, min(start + size, len(ys)))
        rows += [min(part, key=ys.__getitem__), max(part, key=ys.__getitem__)]
    return _take(one, sorted({0, *rows, len(ys) - 1}))


def _sparse(one: Series) -> Series:
    step = math.ceil(len(one.points) / MOST_POINTS) or 1
    return _take(one, range(0, len(one.points), step))


def _styled(one: Series, place: int) -> Series:
    color = (place if one.color is None else one.color) % STYLES
    dash = (color if one.dash is None else one.dash) % STYLES
    return replace(one, color=color, dash=dash)


def _take(one: Series, rows: Sequence[int]) -> Series:
    low, high = ([end[i] for i in rows] if end else None for end in (one.low, one.high))
    return replace(one, points=[one.points[i] for i in rows], low=low, high=high)
