"""What is drawn on a plane: bands, ribbons, lines, dots with tooltips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from emp_tooling.pages.axes import Plane
from emp_tooling.pages.series import Point, Series, running_mean

MOST_TOOLTIPS = 40

Band = tuple[float | None, float | None]
"""Low and high end of the healthy values; None for an open end."""


def band(on: Plane, healthy: Band | None) -> str:
    """The area of healthy values, with lines where it ends."""
    if not healthy:
        return ""
    low, high = healthy
    top = on.y(on.ys[1] if high is None else high)
    bottom = on.y(on.ys[0] if low is None else low)
    limits = "".join(
        f'<line class="limit" x1="{on.left:.1f}" x2="{on.right}" y1="{on.y(end):.1f}" '
        f'y2="{on.y(end):.1f}"/>'
        for end in healthy
        if end is not None and on.ys[0] <= end <= on.ys[1]
    )
    return (
        f'<rect class="band" x="{on.left:.1f}" y="{top:.1f}" width="{on.right - on.left:.1f}" '
        f'height="{max(bottom - top, 0):.1f}"/>{limits}'
    )


def near(healthy: Band | None, ys: Sequence[float]) -> list[float]:
    """The band's ends that do not squeeze the lines when the plane holds them too."""
    low, high = min(ys), max(ys)
    room = (high - low) or abs(high) or 1.0
    return [end for end in healthy or () if end is not None and low - room <= end <= high + room]


def in_words(healthy: Band | None) -> str:
    """The band as a text.

    Example:
        >>> in_words((0.2, None))
        'healthy from 0.2'
    """
    low, high = healthy or (None, None)
    if low is not None and high is not None:
        return f"healthy {low:g} to {high:g}"
    if low is not None:
        return f"healthy from {low:g}"
    return "" if high is None else f"healthy up to {high:g}"


def ribbon(on: Plane, one: Series) -> str:
    """The area between the ends of the intervals."""
    if not one.low or not one.high or len(one.points) < 2:
        return ""
    known = [
        ends
        for ends in zip(one.xs, one.low, one.high, strict=True)
        if all(map(math.isfinite, ends))
    ]
    edge = [(x, high) for x, _, high in known] + [(x, low) for x, low, _ in reversed(known)]
    return f'<polygon class="ribbon s{one.color}" points="{" ".join(map(on.place, edge))}"/>'


def line(on: Plane, one: Series, x_label: str) -> str:
    """A line with its dots and tooltips."""
    kind, count = f"s{one.color} d{one.dash}", len(one.points)
    drawn = ""
    if count > 1:
        drawn = _path(on, f"{kind} thin" if one.smooth else kind, one.points)
    if count > 1 and one.smooth:
        drawn += _path(on, kind, list(zip(one.xs, running_mean(one.ys), strict=True)))
    radius = 2.6 if one.dotted else 0
    dots = "".join(
        dot(on, point, f"{one.name}: {x_label} {point[0]:g}, {point[1]:.4g}", radius)
        for point in one.points[:: math.ceil(count / MOST_TOOLTIPS)]
    )
    return f'{drawn}<g class="s{one.color}">{dots}</g>'


def dot(on: Plane, point: Point, words: str, radius: float) -> str:
    """A point with a tooltip; a larger ring that cannot be seen makes it easy to hit.

    Args:
        on: The plane.
        point: Where.
        words: The tooltip, plain text.
        radius: Of the visible dot; 0 for none.

    Returns:
        SVG elements.
    """
    x, y = on.place(point).split(",")
    seen = f'<circle cx="{x}" cy="{y}" r="{radius}"/>' if radius else ""
    return (
        f'<g><title>{escape(words)}</title><circle class="hit" cx="{x}" cy="{y}" r="7"/>{seen}</g>'
    )


def _path(on: Plane, kind: str, points: Sequence[Point]) -> str:
    return f'<polyline class="{kind}" points="{" ".join(map(on.place, points))}"/>'
