"""Tables and headings for listings in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from emp_plugins.errors import InputError, did_you_mean

PIPED = 200
"""Columns where the output is no terminal, so that no cell is folded without need."""


def console() -> Any:
    """A console as wide as the terminal; wider where the output is none."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPED)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> Any:
    """A table whose cells are plain text.

    Args:
        head: Titles of the columns.
        rows: Texts.
        title: Heading, or empty.

    Returns:
        What a rich console prints.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD
    )
    for place, name in enumerate(head):
        drawn.add_column(name, overflow="fold", no_wrap=place == 0)
    for row in rows:
        drawn.add_row(*map(Text, row))
    return drawn


def section(out: Any, title: str, lines: Iterable[str]) -> None:
    """Prints a heading with one point a line; nothing where there are none.

    Args:
        out: The console.
        title: The heading.
        lines: Plain text.
    """
    from rich.padding import Padding
    from rich.text import Text

    found = [line for line in lines if line]
    if not found:
        return
    out.print()
    out.print(Text(title, style="bold"))
    for line in found:
        out.print(Padding(Text(line), (0, 0, 0, 2), expand=False))


def known(name: str, allowed: Iterable[str], what: str) -> str:
    """The name, if it is one of those that there are.

    Raises:
        InputError: It is not; names the nearest one.

    Example:
        >>> known("MDD", ["gad", "mdd"], "persona")
        'mdd'
    """
    names = list(allowed)
    for one in (name, name.lower()):
        if one in names:
            return one
    raise InputError(f"{name}: no such {what}; {did_you_mean(name, names)}")
