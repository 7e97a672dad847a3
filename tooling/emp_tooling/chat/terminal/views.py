"""What the terminal shows beside the messages, as rich's renderables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.state import State, render
from emp_plugins.safety import Resource
from emp_tooling.chat import words
from emp_tooling.chat.conversation import AT_RISK
from emp_tooling.chat.mood import Point
from emp_tooling.chat.terminal.flow import WIDEST

HALF = 12
"""Columns of a bar on either side of 0."""

LEVELS = "▁▂▃▄▅▆▇█"


def bar(value: float, half: int = HALF) -> str:
    """A number from -1 to 1 as a bar that grows from the middle.

    Args:
        value: The number; beyond the range it fills its side.
        half: Columns on either side.

    Returns:
        ``2 * half + 1`` characters.

    Example:
        >>> bar(0.5, half=4), bar(-1, half=4)
        ('    │██  ', '████│    ')
    """
    length = round(min(abs(value), 1.0) * half)
    if value < 0:
        return " " * (half - length) + "█" * length + "│" + " " * half
    return " " * half + "│" + "█" * length + " " * (half - length)


def spark(values: Sequence[float]) -> str:
    """Numbers from -1 to 1 as a line of blocks.

    Args:
        values: The numbers; those beyond the range are drawn at its ends.

    Returns:
        As many characters.

    Example:
        >>> spark([-1, 0, 1])
        '▁▅█'
    """
    places = (min(max((value + 1) / 2, 0.0), 1.0) for value in values)
    return "".join(LEVELS[min(int(place * len(LEVELS)), len(LEVELS) - 1)] for place in places)


def greeting(name: str) -> Any:
    """The first lines: what this is, the notice, how to get help."""
    from rich.text import Text

    return Text.assemble(
        ("emp chat", "bold"),
        f"  {name}\n",
        (f"{words.NOTICE} {words.PRIVACY}\n", "dim"),
        ("/help lists the commands, /quit leaves.", "dim"),
    )


def state_view(state: State, style: Any) -> Any:
    """The header as the model sees it, and the axes as bars.

    Args:
        state: s_t after the client's last message.
        style: ``"full"``, ``"short"``, or None where the recipe's prompts have no header.

    Returns:
        A renderable.
    """
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    header = render(state, "…", style) if style else "(prompts of this recipe have no state header)"
    axes = (_axis(*pair) for pair in zip(AXES, state.affect, strict=True))
    return Group(Padding(Text(header, style="dim"), (0, 0, 1, 2)), *axes)


def mood_view(points: Sequence[Point]) -> Any:
    """The mood profile so far: a row for each turn, then polarity as a line.

    Args:
        points: One a turn, not empty.

    Returns:
        A renderable.
    """
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("turn", justify="right")
    for name in (*map(_short, AXES), "polarity", "rolling"):
        table.add_column(name, justify="right")
    table.add_column("category")
    table.add_column("risk", justify="right")
    for point in points:
        numbers = (*point.affect, point.polarity, point.rolling)
        table.add_row(
            str(point.turn), *(_number(value) for value in numbers), point.category, _level(point)
        )
    line = Text.assemble(
        ("  polarity ", "dim"),
        spark([point.polarity for point in points]),
        f"  {points[-1].trend.lower()}",
    )
    return Group(table, line)


def risk_panel(level: int, resources: Sequence[Resource], width: int) -> Any:
    """Crisis resources, with a sentence of care above them.

    Args:
        level: Of the disclosure, 2 to 4.
        resources: Of the client's locale.
        width: Of the terminal, in columns.

    Returns:
        A renderable.
    """
    from rich import box
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 3))
    for name, contact in words.resource_rows(resources, level):
        table.add_row(Text(name), Text(contact, style="bold"))
    care, caution = Text(words.risk_sentence(level)), Text(words.CAUTION, "dim")
    return Panel(
        Group(care, Text(), table, Text(), caution),
        title=words.RISK_TITLE,
        title_align="left",
        border_style="yellow",
        box=box.ROUNDED,
        padding=(1, 2),
        width=min(width, WIDEST),
    )


def help_view(commands: Sequence[tuple[str, str]]) -> Any:
    """The table of commands."""
    from rich.table import Table

    table = Table.grid(padding=(0, 3))
    for name, text in commands:
        table.add_row(f"  {name}", text)
    return table


def _short(name: str) -> str:
    return name if len(name) <= 8 else f"{name[:6]}."


def _axis(name: str, value: float) -> Any:
    from rich.text import Text

    color = "yellow" if value < 0 else "cyan"
    return Text.assemble(f"  {name:<14}", (bar(value), color), f" {_signed(value)}")


def _level(point: Point) -> Any:
    from rich.text import Text

    return Text(str(point.level), style="bold yellow" if point.level >= AT_RISK else "")


def _number(value: float) -> Any:
    from rich.text import Text

    return Text(_signed(value), style="yellow" if value <= -0.25 else "")


def _signed(value: float) -> str:
    # Rounding first and adding 0.0 turns -0.004 into +0.00.
    return f"{round(value, 2) + 0.0:+.2f}"
