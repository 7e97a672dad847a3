"""An audit on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emp_tooling.audit.report.tables import Cell, tables
from emp_tooling.audit.report.words import NOTE

WIDE = 120
"""Columns from which on intervals fit; they are in the page and the JSON in any case."""

STYLES = {"better": "green", "worse": "red"}


def show(result: Mapping[str, Any], console: Any) -> None:
    """Prints warnings, notes and every table.

    Args:
        result: The result of an audit.
        console: A rich console.
    """
    from rich.table import Table

    weights = ", ".join(f"{name} {weight:g}" for name, weight in result["rewards"].items())
    console.print(f"{result['recipe']}: {weights}", markup=False, soft_wrap=True)
    for line in result["warnings"]:
        console.print(f"! {line}", style="bold", markup=False, soft_wrap=True)
    for line in result["notes"]:
        console.print(f"- {line}", markup=False, soft_wrap=True)
    wide = console.width >= WIDE
    for one in tables(result):
        shown = Table(title=one.title, title_justify="left", title_style="bold")
        for number, name in enumerate(one.head):
            shown.add_column(name, justify="right" if number else "left", no_wrap=not number)
        for row in one.rows:
            shown.add_row(*(_cell(cell, wide and number > 0) for number, cell in enumerate(row)))
        console.print()
        console.print(shown)
    console.print(NOTE, markup=False)


def _cell(cell: Cell, detailed: bool) -> Any:
    from rich.text import Text

    small = f" {cell.small}" if cell.small and detailed else ""
    return Text.assemble((cell.text, STYLES.get(cell.mood, "")), (small, "dim"))
