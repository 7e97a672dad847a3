"""Charts as inline SVG: lines with intervals, clouds of points, ranges, heat maps.

Each function returns a ``<figure>`` with its legend. Colors and dashes are classes of the style
sheet (``s0`` to ``s5``, ``d0`` to ``d5``), so that they follow light and dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from emp_tooling.pages import marks
from emp_tooling.pages.axes import HEIGHT, LABEL_TOP, WIDTH, Range, grid, nice_ticks, plane, short
from emp_tooling.pages.series import Series, drawable

__all__ = ["Series", "heat_map", "line_chart", "range_chart", "scatter_chart", "side_by_side"]

CELL, GAP, INDEX = 44, 2, 22
"""Size of a cell of a heat map, the room between two, and the room for their numbers."""


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    x_label: str = "training step",
    bands: tuple[float | None, float | None] | None = None,
    y_range: Range | None = None,
) -> str:
    """Lines with the ribbons of their intervals over a band of healthy values.

    Args:
        series: One or several; long ones are thinned so that peaks stay.
        title: Heading, plain text.
        x_label: What x is.
        bands: Low and high end of the healthy values, None for an open end.
        y_range: The vertical range; by default all values and intervals, and the band's ends
            where they lie near.

    Returns:
        A ``<figure>``.
    """
    shown = drawable(series, peaks=True)
    if not shown:
        return _empty(title)
    xs = [x for one in shown for x in one.xs]
    ys = [y for one in shown for y in (*one.ys, *one.ends)]
    on = plane(xs, [*ys, *marks.near(bands, ys)], y_range)
    drawn = (
        marks.band(on, bands)
        + grid(on, x_label, whole=all(x == int(x) for x in xs))
        + "".join(marks.ribbon(on, one) for one in shown)
        + "".join(marks.line(on, one, x_label) for one in shown)
    )
    ends = [f"{short(shown[0].ys[0])} → {short(shown[0].ys[-1])}"] if len(shown) == 1 else []
    note = "; ".join(filter(None, [*ends, marks.in_words(bands)]))
    words = "; ".join(
        f"{one.name}: {short(one.ys[0])} at {x_label} {one.xs[0]:g}, {short(one.ys[-1])} at "
        f"{one.xs[-1]:g}"
        for one in shown
    )
    return _figure(title, note, f"{title}: {words}", drawn, _legend(shown, lines=True))


def scatter_chart(
    series: Sequence[Series],
    *,
    title: str,
    x_label: str,
    y_label: str,
    y_range: Range | None = None,
) -> str:
    """Points in the plane.

    Args:
        series: Clouds; of more than 240 points each is thinned evenly.
        title: Heading, plain text.
        x_label: What x is.
        y_label: What y is.
        y_range: The vertical range; by default all values.

    Returns:
        A ``<figure>``.
    """
    shown = drawable(series, peaks=False)
    if not shown:
        return _empty(title)
    xs, ys = [x for one in shown for x in one.xs], [y for one in shown for y in one.ys]
    on = plane(xs, ys, y_range, LABEL_TOP)
    drawn = grid(on, x_label, y_label)
    for one in shown:
        dots = "".join(
            marks.dot(on, (x, y), f"{one.name}: {x_label} {x:.4g}, {y_label} {y:.4g}", 3)
            for x, y in one.points
        )
        drawn += f'<g class="cloud s{one.color}">{dots}</g>'
    words = f"{title}: {y_label} against {x_label}, {len(xs)} points"
    return _figure(title, "", words, drawn, _legend(shown, lines=False))


def range_chart(
    rows: Sequence[tuple[str, float, float, float]],
    *,
    title: str,
    x_range: Range | None = None,
    reference: float | None = None,
    groups: Sequence[int] | None = None,
) -> str:
    """Values with their intervals, one below the other on one scale.

    Args:
        rows: Name, value, low and high end; rows that are not finite are left out.
        title: Heading, plain text.
        x_range: The scale; by default all intervals and the reference.
        reference: A value to mark with a line, such as 0 for differences.
        groups: Number of the color of each row; 0 by default.

    Returns:
        A ``<figure>``.
    """
    colors = groups or [0] * len(rows)
    shown = [
        (row, color)
        for row, color in zip(rows, colors, strict=True)
        if all(map(math.isfinite, row[1:]))
    ]
    if not shown:
        return _empty(title)
    ends = [end for row, _ in shown for end in row[1:]]
    ends += [] if reference is None else [reference]
    if x_range is None:
        ticks = nice_ticks(min(ends), max(ends))
        x_range = (ticks[0], ticks[-1])
    lines = "".join(_range(row, color, x_range, reference) for row, color in shown)
    scale = f"<small>{x_range[0]:g} to {x_range[1]:g}</small>"
    return (
        f'<figure class="card ranges"><figcaption>{escape(title)} {scale}</figcaption>'
        f"<ul>{lines}</ul></figure>"
    )


def heat_map(names: Sequence[str], values: Sequence[Sequence[float]], *, title: str) -> str:
    """A correlation matrix, or any square of numbers in [-1, 1].

    Args:
        names: Of rows and columns, plain text.
        values: As many rows of as many numbers; NaN where there is none.
        title: Heading, plain text.

    Returns:
        A ``<figure>``; columns carry the numbers of the rows.
    """
    if not names:
        return _empty(title)
    size = INDEX + len(names) * CELL
    head = "".join(
        f'<text x="{INDEX + (i + 0.5) * CELL}" y="14" text-anchor="middle">{i + 1}</text>'
        f'<text x="{INDEX - 6}" y="{INDEX + (i + 0.5) * CELL + 4}" text-anchor="end">{i + 1}</text>'
        for i in range(len(names))
    )
    cells = "".join(
        _cell(names, row, column, value)
        for row, line in enumerate(values)
        for column, value in enumerate(line)
    )
    listed = "".join(f"<li>{escape(name)}</li>" for name in names)
    return (
        f'<figure class="card heat"><figcaption>{escape(title)}</figcaption><div>'
        f'<div class="scroll" tabindex="0"><svg viewBox="0 0 {size} {size}" role="img" '
        f'style="width:{size}px" aria-label="{escape(title)}">{head}{cells}</svg></div>'
        f"<ol>{listed}</ol></div></figure>"
    )


def side_by_side(figures: Iterable[str]) -> str:
    """Charts in as many columns as fit."""
    return f'<div class="charts">{"".join(figures)}</div>'


def _range(
    row: tuple[str, float, float, float], color: int, scale: Range, reference: float | None
) -> str:
    name, value, low, high = row

    def x(number: float) -> str:
        part = (number - scale[0]) / (scale[1] - scale[0]) if scale[1] > scale[0] else 0.5
        return f"{3 + 94 * min(max(part, 0.0), 1.0):.2f}%"

    mark = ""
    if reference is not None:
        mark = f'<line class="limit" x1="{x(reference)}" x2="{x(reference)}" y1="0" y2="16"/>'
    words = f"{short(value)} ({short(low)} to {short(high)})"
    return (
        f'<li><span>{escape(name)}</span><svg role="img" height="16" '
        f'aria-label="{escape(f"{name}: {words}")}">'
        f'<line class="grid" x1="3%" x2="97%" y1="8" y2="8"/>{mark}<g class="s{color}">'
        f'<line class="whisker" x1="{x(low)}" x2="{x(high)}" y1="8" y2="8"/>'
        f'<circle cx="{x(value)}" cy="8" r="4.5"/></g></svg><span>{words}</span></li>'
    )


def _cell(names: Sequence[str], row: int, column: int, value: float) -> str:
    x, y, side = INDEX + column * CELL, INDEX + row * CELL, CELL - GAP
    known = math.isfinite(value)
    text = f"{value:.2f}" if known else "–"
    strength = min(abs(value), 1.0) if known else 0.0
    sign = "minus" if known and value < 0 else "plus"
    words = f"{names[row]}, {names[column]}: {text if known else 'no value'}"
    return (
        f'<g><title>{escape(words)}</title><rect class="empty" x="{x}" y="{y}" width="{side}" '
        f'height="{side}" rx="4"/><rect class="{sign}" x="{x}" y="{y}" width="{side}" '
        f'height="{side}" rx="4" fill-opacity="{strength:.2f}"/>'
        f'<text class="value" x="{x + side / 2}" y="{y + side / 2 + 4}" text-anchor="middle">'
        f"{text}</text></g>"
    )


def _figure(title: str, note: str, words: str, drawn: str, legend: str) -> str:
    small = f" <small>{escape(note)}</small>" if note else ""
    return (
        f'<figure class="card"><figcaption>{escape(title)}{small}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(words)}">{drawn}</svg>'
        f"{legend}</figure>"
    )


def _legend(shown: Sequence[Series], *, lines: bool) -> str:
    if len(shown) < 2:
        return ""
    items = ""
    for one in shown:
        key = f'<circle class="s{one.color}" cx="13" cy="5" r="4"/>'
        if lines:
            dot = f'<circle class="s{one.color}" cx="13" cy="5" r="3"/>' if one.dotted else ""
            key = f'<polyline class="s{one.color} d{one.dash}" points="1,5 25,5"/>{dot}'
        items += (
            f'<li><svg class="key" viewBox="0 0 26 10" aria-hidden="true">{key}</svg>'
            f"{escape(one.name)}</li>"
        )
    return f'<ul class="legend">{items}</ul>'


def _empty(title: str) -> str:
    return (
        f'<figure class="card"><figcaption>{escape(title)}</figcaption>'
        '<p class="soft">No values.</p></figure>'
    )
