"""Profiles as an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.mood import Mood
from emp_plugins.monitor.completions import MODE
from emp_plugins.rewards.client import AT_RISK
from emp_tooling.mood import words
from emp_tooling.mood.profiles import Flag, Profile
from emp_tooling.pages import texts
from emp_tooling.pages.charts import Series, line_chart
from emp_tooling.pages.page import Section, write_page
from emp_tooling.pages.tables import Cell, table

MOST_OPEN = 3
"""More sessions than these are folded."""

MOST_SESSIONS = 200
"""More sessions than these are on the page as a line of the overview only."""


def write(
    path: str | Path, found: Sequence[Profile], over: Mood | None, *, source: str, quote: bool
) -> None:
    """Writes the page; where it shows messages, for its owner only.

    Args:
        path: The file; it is there whole or not at all.
        found: The profiles, not empty.
        over: The mood over sessions, or None.
        source: Where the axes come from.
        quote: Whether to show the messages.
    """
    several = len({one.who for one in found}) > 1
    sections = [Section("notice", "What this is", texts.paragraph(words.NOTICE), mood="note")]
    if len(found) > 1:
        sections.append(_overview(found, over, several))
    shown = [(words.title(one, several), _session(one, quote)) for one in found[:MOST_SESSIONS]]
    if len(shown) > MOST_OPEN:
        folded = "".join(texts.folded(*one) for one in shown)
        sections.append(Section("each", "Each session", folded))
    else:
        sections += [Section(f"session-{n}", *one) for n, one in enumerate(shown, 1)]
    turns = sum(len(one.mood) for one in found)
    write_page(path, "Mood profile", f"{_count(turns, 'turn')}. {source}", sections)
    if quote:
        Path(path).chmod(MODE)


def _overview(found: Sequence[Profile], over: Mood | None, several: bool) -> Section:
    head = ["Session", "Turns", "First", "Last", "A turn", "Trend", "Gravest category", "Risk"]
    rows = [
        [
            Cell(words.title(one, several)),
            str(len(one.mood)),
            *map(words.signed, (one.mood.polarity[0], one.mood.polarity[-1], one.mood.slope)),
            one.mood.trend.lower(),
            *((words.gravest_category(one), _disclosed(one)) if one.flags else ("", "")),
        ]
        for one in found
    ]
    html = _drawn(over, "session", "Session by session") if over is not None else ""
    left = len(found) - MOST_SESSIONS
    intro = "Polarity of the first and the last turn, and its change a turn, from -1 to 1."
    if over is not None:
        intro += " The charts show the mean of each session."
    if left > 0:
        intro += f" The {left} after the first {MOST_SESSIONS} have no charts of their own."
    return Section("sessions", _count(len(found), "profile"), html + table(head, rows), intro)


def _disclosed(one: Profile) -> Cell:
    grave = one.flags[-1].so_far >= AT_RISK
    return Cell(words.disclosed(one.flags), mood="bad" if grave else "")


def _session(one: Profile, quote: bool) -> str:
    html = texts.paragraph(words.course(one)[0].upper() + words.course(one)[1:] + ".")
    if one.flags:
        grave = one.flags[-1].so_far >= AT_RISK
        html += texts.chips(
            [
                (f"gravest category: {words.gravest_category(one)}", ""),
                (f"risk disclosed: {words.disclosed(one.flags)}", "bad" if grave else ""),
            ]
        )
    html += _drawn(one.mood, "turn", "Turn by turn") + _turns(one)
    if quote:
        said = "".join(texts.passage(escape(said.text), quote=True) for said in one.said)
        html += texts.folded("What was said", said)
    return html


def _drawn(mood: Mood, unit: str, below: str) -> str:
    """Both charts and the heading of the table below them; nothing for a single turn."""
    if len(mood) < 2:
        return ""
    return texts.columns(_charts(mood, unit)) + texts.heading(below)


def _charts(mood: Mood, unit: str) -> list[str]:
    def points(values: Sequence[float]) -> list[tuple[float, float]]:
        return [(float(place), float(value)) for place, value in enumerate(values, 1)]

    top = max(1.0, float(abs(mood.axes).max()), float(abs(mood.polarity).max()))
    axes = [Series(axis, points(mood.axes[:, place])) for place, axis in enumerate(AXES)]
    overall = [
        Series("polarity", points(mood.polarity), color=5, dash=1),
        Series(f"mean of the last {mood.window}", points(mood.rolling), color=0, dash=0),
    ]
    return [
        line_chart(axes, title="Four dimensions", x_label=unit, y_range=(-top, top)),
        line_chart(overall, title="Polarity", x_label=unit, y_range=(-top, top)),
    ]


def _turns(one: Profile) -> str:
    head = ["Turn", *AXES, "Polarity", "Rolling", "Trend"]
    head += ["Category", "Risk so far"] if one.flags else []
    return table(head, [_turn(one, place) for place in range(len(one.mood))])


def _turn(one: Profile, place: int) -> list[Cell | str]:
    mood, said = one.mood, one.said[place]
    numbers = (*mood.axes[place], mood.polarity[place], mood.rolling[place])
    cells: list[Cell | str] = [
        Cell(str(place + 1), said.time or ""),
        *map(words.signed, numbers),
        mood.trends[place].lower(),
    ]
    if one.flags:
        found = mood.categories[place]
        shade = {"none": "", "elevated": "note", "high": "bad"}[found.level]
        cells += [Cell(found.name, found.level if shade else "", shade), _risk(one.flags[place])]
    return cells


def _risk(flag: Flag) -> Cell:
    return Cell(
        str(flag.so_far), flag.rule if flag.level else "", "bad" if flag.so_far >= AT_RISK else ""
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
