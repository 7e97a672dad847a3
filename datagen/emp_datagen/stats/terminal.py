"""The tables of a file in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emp_datagen.stats.tables import Table, tables

BAR = 20
"""Characters of a whole bar."""


def show(path: Path, result: Mapping[str, Any]) -> None:
    """Prints all tables and remarks.

    Args:
        path: The file.
        result: What `emp_datagen.stats.measure` says.
    """
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print(f"[bold]{escape(str(path))}[/bold]", soft_wrap=True)
    for table in tables(result):
        console.print(_rich(table))
    for note in result["notes"]:
        console.print(f"note: {escape(note)}", soft_wrap=True)


def _rich(table: Table) -> Any:
    from rich import box
    from rich.table import Table as Rich
    from rich.text import Text

    drawn = Rich(title=table.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    drawn.add_column(table.head[0], overflow="fold")
    for name in table.head[1:]:
        drawn.add_column(name, justify="right")
    bars = any(line.share is not None for line in table.lines)
    if bars:
        drawn.add_column("", no_wrap=True)
    for line in table.lines:
        bar = [Text("█" * round(BAR * (line.share or 0)), style="cyan")] if bars else []
        drawn.add_row(*map(Text, (line.label, *line.values)), *bar)
    return drawn
