"""The plane that a chart is drawn on: scales, ticks, grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 360, 220
RIGHT, TOP, BOTTOM = 14, 12, 40
DIGIT = 6.7
"""Width of a digit of a tick's label."""
LABEL_TOP = 26
"""Room above the plane where the vertical axis has a label of its own."""

Range = tuple[float, float]


@dataclass(frozen=True)
class Plane:
    """Where a point lies in the picture.

    Attributes:
        xs: Least and greatest x.
        ys: Least and greatest y.
        ticks: Round numbers of the vertical axis.
        top: Upper edge.
    """

    xs: Range
    ys: Range
    ticks: tuple[float, ...]
    top: float = TOP

    @property
    def left(self) -> float:
        """Left edge, with room for the numbers of the vertical axis."""
        return max(34.0, 12 + DIGIT * max(map(len, tick_labels(self.ticks))))

    @property
    def right(self) -> float:
        """Right edge."""
        return WIDTH - RIGHT

    @property
    def base(self) -> float:
        """Lower edge."""
        return HEIGHT - BOTTOM

    def x(self, value: float) -> float:
        """Horizontal place; values beyond the range lie on its edge."""
        return self.left + _part(value, self.xs) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Vertical place, counted from the top."""
        return self.base - _part(value, self.ys) * (self.base - self.top)

    def place(self, point: tuple[float, float]) -> str:
        """A point as SVG writes it."""
        return f"{self.x(point[0]):.1f},{self.y(point[1]):.1f}"


def plane(
    xs: Sequence[float], ys: Sequence[float], y_range: Range | None = None, top: float = TOP
) -> Plane:
    """A plane that holds every value, its vertical range ending at round numbers.

    Args:
        xs: Finite, at least one.
        ys: Finite, at least one.
        y_range: The vertical range instead.
        top: Upper edge.

    Returns:
        The plane.
    """
    if y_range is None:
        ticks = nice_ticks(min(ys), max(ys))
        y_range = (ticks[0], ticks[-1])
    else:
        ticks = [tick for tick in nice_ticks(*y_range) if y_range[0] <= tick <= y_range[1]]
    return Plane((min(xs), max(xs)), y_range, tuple(ticks or y_range), top)


def grid(on: Plane, x_label: str, y_label: str = "", whole: bool = False) -> str:
    """Lines, numbers and labels of both axes.

    Args:
        on: The plane.
        x_label: Under the horizontal axis.
        y_label: Above the vertical one.
        whole: Whether x counts something, so that only whole numbers make sense.

    Returns:
        SVG elements.
    """
    left, right, base, ys = on.left, on.right, on.base, on.ticks
    lines = "".join(
        f'<line class="grid" x1="{left:.1f}" x2="{right}" y1="{on.y(t):.1f}" y2="{on.y(t):.1f}"/>'
        f'<text x="{left - 6:.1f}" y="{on.y(t) + 4:.1f}" text-anchor="end">{word}</text>'
        for t, word in zip(ys, tick_labels(ys), strict=True)
    )
    xs = [t for t in nice_ticks(*on.xs, 5) if on.xs[0] <= t <= on.xs[1]]
    xs = [t for t in xs if not whole or t == int(t)] or [on.xs[0]]
    lines += "".join(
        f'<line class="axis" x1="{on.x(t):.1f}" x2="{on.x(t):.1f}" y1="{base}" y2="{base + 4}"/>'
        f'<text x="{on.x(t):.1f}" y="{base + 17}" text-anchor="middle">{word}</text>'
        for t, word in zip(xs, tick_labels(xs), strict=True)
    )
    above = f'<text x="4" y="12">{escape(y_label)}</text>' if y_label else ""
    return (
        f'{lines}<line class="axis" x1="{left:.1f}" x2="{right}" y1="{base}" y2="{base}"/>'
        f'<text x="{(left + right) / 2:.1f}" y="{base + 34}" text-anchor="middle">'
        f"{escape(x_label)}</text>{above}"
    )


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers that span a range.

    Args:
        low: Least value.
        high: Greatest value.
        count: About how many steps between them.

    Returns:
        At least two rising numbers, the first at most ``low``, the last at least ``high``.

    Example:
        >>> nice_ticks(0.13, 0.94)
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        margin = abs(low) / 10 or 1.0
        low, high = low - margin, high + margin
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * 0.99)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Ticks as short texts that differ from one another.

    Args:
        ticks: Rising numbers.

    Returns:
        As many texts.

    Example:
        >>> tick_labels([0.0, 0.25, 0.5]), tick_labels([0, 5000, 10000])
        (['0', '0.25', '0.5'], ['0', '5k', '10k'])
    """
    greatest = max(map(abs, ticks))
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if greatest >= 10 * size and all(tick * 10 % size == 0 for tick in ticks):
            return [f"{tick / size:g}{unit if tick else ''}" for tick in ticks]
    digits = next((n for n in range(6, 13) if _differ(ticks, n)), 12)
    return [f"{tick:.{digits}g}".replace("e-0", "e-").replace("e+0", "e") for tick in ticks]


def short(value: float) -> str:
    """A number in about three digits.

    Example:
        >>> short(0.12345), short(123456.0)
        ('0.123', '123456')
    """
    if abs(value) < 1e-9:
        return "0"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.3g}"


def _differ(ticks: Sequence[float], digits: int) -> bool:
    width = abs(ticks[-1] - ticks[0]) or abs(ticks[0]) or 1.0
    return all(abs(float(f"{tick:.{digits}g}") - tick) <= 1e-3 * width for tick in ticks)


def _part(value: float, within: Range) -> float:
    low, high = within
    return min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5
