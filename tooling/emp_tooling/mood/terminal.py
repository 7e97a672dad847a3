"""Profiles in the terminal: a table of the turns and lines of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.mood import Mood
from emp_tooling.chat.terminal.views import spark
from emp_tooling.mood import words
from emp_tooling.mood.profiles import Profile
from emp_tooling.score.replies import printable

MOST_TABLES = 6
"""With more profiles than these each gets a line."""

WIDTH = 100
"""Where standard output is no terminal."""

ARROWS = {"Improving": "↗", "Stable": "→", "Declining": "↘"}

HEADS = ("Introsp.", "Temper", "Attitude", "Sensit.", "polarity", "rolling")


def show(
    found: Sequence[Profile], over: Mood | None, *, source: str, quote: bool, console: Any = None
) -> None:
    """Prints profiles.

    Args:
        found: Not empty.
        over: The mood over sessions, or None.
        source: Where the axes come from.
        quote: Whether to print the messages.
        console: A rich console; standard output by default.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or _console(Console)
    several = len({one.who for one in found}) > 1
    for one in found if len(found) <= MOST_TABLES else ():
        console.rule(Text(words.title(one, several)), align="left")
        console.print(_turns(one, quote))
        console.print(_lines(one.mood))
        console.print(Text(f"\n{words.course(one)}"))
        console.print(Text(_risks(one) + "\n"))
    if len(found) > 1:
        console.print(_overview(found, several))
    if over is not None:
        console.print(Text(f"Over {len(over)} sessions, each by the mean of its turns:"))
        console.print(_lines(over))
        console.print(Text(f"\n{words.signed(over.slope)} a session, {over.trend.lower()}\n"))
    console.print(Text(f"{source} {words.NOTICE}", style="dim"))


def _console(make: Any) -> Any:
    console = make(highlight=False)
    return console if console.is_terminal else make(highlight=False, width=WIDTH)


def _turns(one: Profile, quote: bool) -> Any:
    from rich.text import Text

    client, mood = one.who == "client", one.mood
    table = _table("turn", *HEADS)
    for name in (*(("category", "risk") if client else ()), *(("said",) if quote else ())):
        table.add_column(name, overflow="fold")
    for place, said in enumerate(one.said):
        numbers = (*mood.axes[place], mood.polarity[place], mood.rolling[place])
        cells = [str(place + 1), *map(words.signed, numbers)]
        cells[-1] += f" {ARROWS[mood.trends[place]]}"
        if client:
            cells += [words.category(mood.categories[place]), words.risk(one.flags[place])]
        if quote:
            cells.append(printable(said.text))
        table.add_row(*map(Text, cells))
    return table


def _overview(found: Sequence[Profile], several: bool) -> Any:
    from rich.text import Text

    table = _table("session", "turns", "first", "last", "a turn", "course")
    table.columns[0].overflow, table.columns[0].min_width = "fold", 24
    table.columns[0].justify = table.columns[-1].justify = "left"
    for name in ("trend", "gravest", "risk"):
        table.add_column(name, overflow="fold")
    for one in found:
        mood = one.mood
        numbers = (mood.polarity[0], mood.polarity[-1], mood.slope)
        cells = (
            words.title(one, several),
            str(len(mood)),
            *map(words.signed, numbers),
            spark(_thin(mood.polarity.tolist())),
            mood.trend.lower(),
            *_gravest(one),
        )
        table.add_row(*map(Text, cells))
    return table


def _gravest(one: Profile) -> tuple[str, str]:
    if not one.flags:
        return "", ""
    return words.category(words.gravest(one)[0]), str(one.flags[-1].so_far)


def _table(*right: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for name in right:
        table.add_column(name, justify="right")
    return table


def _lines(mood: Mood) -> Any:
    """Each axis, polarity and its rolling mean as a line of blocks from -1 to 1."""
    from rich.text import Text

    rows = [*zip(AXES, mood.axes.T, strict=True), ("polarity", mood.polarity)]
    rows.append((f"mean of {mood.window}", mood.rolling))
    return Text("\n".join(f"{name:<14} {spark(_thin(values.tolist()))}" for name, values in rows))


def _risks(one: Profile) -> str:
    if one.who != "client":
        return ""
    return (
        f"gravest category: {words.gravest_category(one)}; risk disclosed: "
        f"{words.disclosed(one.flags)}"
    )


def _thin(values: list[float], most: int = 60) -> list[float]:
    """Means of stretches, so that a line fits."""
    if len(values) <= most:
        return values
    ends = [len(values) * part // most for part in range(most + 1)]
    return [
        sum(values[start:end]) / (end - start) for start, end in zip(ends, ends[1:], strict=False)
    ]
