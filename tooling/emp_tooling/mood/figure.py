"""Profiles as a picture, drawn by matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.mood import Mood
from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write
from emp_tooling.mood import words
from emp_tooling.mood.profiles import Profile
from emp_tooling.score.replies import printable

MOST_ROWS = 8
"""More sessions than these would be too small to read: the picture shows the first ones."""

INCH = 0.06
"""Margin under the notice."""

STYLES = (("#16707a", "-"), ("#a8561a", "--"), ("#6a4fb3", ":"), ("#3d7523", "-."))
"""Color and dashes of each axis: distinguishable without color."""


def draw(path: str | Path, found: Sequence[Profile], over: Mood | None) -> int:
    """Writes a PNG: a row for each session, the four dimensions beside polarity.

    Where some sessions have several turns those with one are left out.

    Args:
        path: The file; it is there whole or not at all.
        found: The profiles, not empty.
        over: The mood over sessions, or None.

    Returns:
        How many profiles it does not show.

    Raises:
        InputError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError("--png needs matplotlib: pip install 'empathy-recipes[plots]'") from None
    several = len({one.who for one in found}) > 1
    shown = ([one for one in found if len(one.mood) > 1] or list(found))[:MOST_ROWS]
    rows = [(words.title(one, several), "turn", one.mood) for one in shown]
    if over is not None:
        rows.append(("Over sessions, the mean of each", "session", over))
    figure = Figure(figsize=(10, 2.9 * len(rows) + 0.9), dpi=120)
    FigureCanvasAgg(figure)
    plots = figure.subplots(len(rows), 2, sharey=True, squeeze=False)
    for (left, right), (title, unit, mood) in zip(plots, rows, strict=True):
        _axes(left, mood, title)
        _polarity(right, mood, unit)
        for one in (left, right):
            _frame(one, len(mood), unit)
    height = figure.get_figheight()
    figure.text(0.01, INCH / height, words.NOTICE, fontsize=7.5, color="#56616a", va="bottom")
    figure.subplots_adjust(
        left=0.05, right=0.99, bottom=0.8 / height, top=1 - 0.4 / height, wspace=0.05, hspace=0.35
    )
    with atomic_write(path, "wb") as file:
        figure.savefig(file, format="png", dpi=120, metadata={"Description": words.NOTICE})
    return len(found) - len(shown)


def _axes(plot: Any, mood: Mood, title: str) -> None:
    turns = range(1, len(mood) + 1)
    for axis, values, (color, dash) in zip(AXES, mood.axes.T, STYLES, strict=True):
        plot.plot(turns, values, color=color, linestyle=dash, marker="o", markersize=3, label=axis)
    plot.set_title(_plain(title), loc="left", fontsize=10)
    plot.legend(fontsize=7.5, ncols=4, loc="lower left", frameon=False, borderaxespad=0.1)


def _polarity(plot: Any, mood: Mood, unit: str) -> None:
    turns = range(1, len(mood) + 1)
    plot.bar(turns, mood.polarity, color="#c9c4b8", width=0.7, label="polarity")
    plot.plot(
        turns, mood.rolling, color="#16707a", marker="o", markersize=3,
        label=f"mean of the last {mood.window}",
    )  # fmt: skip
    note = f"{words.signed(mood.slope)} a {unit}, {mood.trend.lower()}"
    plot.set_title(note, loc="left", fontsize=10, color="#56616a")
    plot.legend(fontsize=7.5, ncols=2, loc="lower left", frameon=False, borderaxespad=0.1)


def _frame(plot: Any, count: int, unit: str) -> None:
    from matplotlib.ticker import MaxNLocator

    plot.axhline(0, color="#7d868c", linewidth=0.8)
    low, high = plot.get_ylim()
    plot.set_ylim(min(-1.25, low), max(1.05, high))  # the legend lies below -1
    plot.set_xlim(0.4, count + 0.6)
    plot.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10, min_n_ticks=1))
    plot.set_xlabel(unit, fontsize=8)
    plot.tick_params(labelsize=8)
    for side in ("top", "right"):
        plot.spines[side].set_visible(False)


def _plain(title: str) -> str:
    """A title that matplotlib does not take for a formula."""
    shown = title if len(title) <= 60 else f"…{title[-59:]}"
    return printable(shown).replace("$", r"\$")
