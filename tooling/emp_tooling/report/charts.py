"""Charts as inline SVG; colours come from the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from emp_tooling.report.history import Curve

WIDTH, HEIGHT = 320, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 34


def line_chart(curve: Curve) -> str:
    """A curve with axes: every point thin, their running mean thick.

    Args:
        curve: At least two points.

    Returns:
        An ``<svg>`` element.
    """
    steps = [step for step, _ in curve.points]
    values = [value for _, value in curve.points]
    ticks = nice_ticks(min(values), max(values))
    low, high = min(ticks[0], min(values)), max(ticks[-1], max(values))

    def x(step: float) -> float:
        return LEFT + (step - steps[0]) / (steps[-1] - steps[0]) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def path(series: Sequence[float]) -> str:
        return " ".join(f"{x(s):.1f},{y(v):.1f}" for s, v in zip(steps, series, strict=True))

    grid = "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(t):.1f}" y2="{y(t):.1f}"/>'
        f'<text class="tick" x="{LEFT - 6}" y="{y(t) + 3.5:.1f}" text-anchor="end">{t:g}</text>'
        for t in ticks
    )
    base = HEIGHT - BOTTOM
    ends = "".join(
        f'<text class="tick" x="{x(step):.1f}" y="{base + 14}" text-anchor="{anchor}">{step}</text>'
        for step, anchor in ((steps[0], "start"), (steps[-1], "end"))
    )
    middle = (LEFT + WIDTH - RIGHT) / 2
    words = f"{curve.title}: {values[0]:.3g} at step {steps[0]}, {values[-1]:.3g} at {steps[-1]}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(words)}">{grid}'
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>{ends}'
        f'<text class="tick" x="{middle}" y="{base + 28}" text-anchor="middle">training step</text>'
        f'<polyline class="raw" points="{path(values)}"/>'
        f'<polyline class="mean" points="{path(running_mean(values))}"/></svg>'
    )


def range_chart(
    before: tuple[float, float, float], after: tuple[float, float, float], low: float, high: float
) -> str:
    """Two values with their intervals on one scale.

    Args:
        before: Value, low and high end.
        after: The same.
        low: Left end of the scale.
        high: Right end.

    Returns:
        An ``<svg>`` element.
    """
    width = 200
    span = (high - low) or 1.0

    def x(value: float) -> float:
        return 8 + (min(max(value, low), high) - low) / span * (width - 16)

    rows = "".join(
        f'<line class="{name} range" x1="{x(start):.1f}" x2="{x(end):.1f}" y1="{y}" y2="{y}"/>'
        f'<circle class="{name}" cx="{x(value):.1f}" cy="{y}" r="4.5"/>'
        for name, y, (value, start, end) in (("before", 9, before), ("after", 23, after))
    )
    return (
        f'<svg class="ranges" viewBox="0 0 {width} 32" aria-hidden="true">'
        f'<line class="grid" x1="{x(low)}" x2="{x(high)}" y1="16" y2="16"/>{rows}</svg>'
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
    if not high > low:
        margin = abs(low) / 10 or 1.0
        low, high = low - margin, high + margin
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * 0.99)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def running_mean(values: Sequence[float]) -> list[float]:
    """A centred mean over about an eighth of the values.

    Args:
        values: The raw series.

    Returns:
        As many values.
    """
    half = max(1, len(values) // 16)
    windows = [values[max(0, i - half) : i + half + 1] for i in range(len(values))]
    return [sum(window) / len(window) for window in windows]
