"""Scored replies as tables in the terminal: one for each group, a column for each reply."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from emp_plugins.affect import hourglass
from emp_tooling.score.order import Inversion
from emp_tooling.score.replies import printable
from emp_tooling.score.scored import Scored

ABREAST = 4
"""Replies side by side in one table; more would not fit in 80 characters."""

NOTHING = "–"


def show(scored: Scored, wrong: Sequence[Inversion], console: Any = None) -> None:
    """Prints the groups one after the other, and how many are in order.

    Args:
        scored: The scored replies.
        wrong: Good replies that lose.
        console: A rich console; standard output by default.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)
    groups, lost = scored.groups(), {one.good for one in wrong}
    for group, rows in groups.items():
        console.rule(Text(_clean(group)), align="left")
        for start in range(0, len(rows), ABREAST):
            _show_some(scored, rows[start : start + ABREAST], start + 1, lost, console)
    compared = [g for g, rows in groups.items() if _labels(scored, rows) >= {"good", "bad"}]
    if compared:
        in_order = len(compared) - len({one.group for one in wrong})
        console.print(
            f"{in_order} of {len(compared)} groups in order: each good reply above each bad one"
        )


def _show_some(scored: Scored, rows: list[int], first: int, lost: set[int], console: Any) -> None:
    from rich.text import Text

    said = {
        (_clean(scored.replies[row].client), _axes(scored.client_affect[row])): None for row in rows
    }
    for client, axes in said:
        console.print(Text.assemble(("client  ", "dim"), client))
        console.print(Text.assemble(("affect  ", "dim"), axes))
    heads = []
    for number, row in enumerate(rows, first):
        heads.append(f"{number} {scored.replies[row].label or ''}".strip())
        console.print(Text.assemble((f"{heads[-1]:<7} ", "dim"), _clean(scored.replies[row].text)))
    console.print(_table(scored, rows, heads, lost))
    for head, row in zip(heads, rows, strict=True):
        for name, note in _notes(scored, row):
            console.print(Text.assemble((f"{head:<7} {name}: ", "dim"), note))
    console.print()


def _table(scored: Scored, rows: list[int], heads: list[str], lost: set[int]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for head in ("weight", *heads):
        table.add_column(head, justify="right", no_wrap=True)
    for column in scored.columns:
        weight, values = f"{column.weight:g}", [_number(column.values[row]) for row in rows]
        table.add_row(Text(column.name), weight, *values)
        for part, numbers in column.parts.items():
            cells = [_number(numbers[row]) for row in rows]
            table.add_row(Text(f"  {part}"), "", *cells, style="dim")
    totals = [Text(_number(scored.totals[r]), style="red" if r in lost else "") for r in rows]
    table.add_row("total", "", *totals, style="bold")
    table.add_section()
    for axis, name in enumerate(hourglass.AXES):
        cells = [_number(scored.reply_affect[row, axis]) for row in rows]
        table.add_row(f"affect {name}", "", *cells, style="dim")
    return table


def _axes(affect: Sequence[float]) -> str:
    pairs = zip(hourglass.AXES, affect, strict=True)
    return ", ".join(f"{name} {_number(value)}" for name, value in pairs)


def _notes(scored: Scored, row: int) -> Iterator[tuple[str, str]]:
    if scored.gated[row]:
        yield "gate", "failed safety, so every other reward gave its floor"
    for column in scored.columns:
        for name, entries in column.notes.items():
            if not _is_axes(entries[row]) and (text := _said(entries[row])):
                yield f"{column.name} {name}", _clean(text)


def _is_axes(note: Any) -> bool:
    """Whether a note is a point on the four axes, which the table shows already."""
    numbers = isinstance(note, list) and all(isinstance(item, float) for item in note)
    return numbers and len(note) == len(hourglass.AXES)


def _said(note: Any) -> str:
    """A note in words, a tuple being a quotation; empty where it says nothing."""
    if isinstance(note, dict):
        pairs = ((key, _said(value)) for key, value in note.items())
        return ", ".join(f"{key}: {text}" for key, text in pairs if text)
    if isinstance(note, tuple):
        words, *names = note
        return f'"{words}" ({", ".join(names)})' if names else f'"{words}"'
    if isinstance(note, list):
        return "; ".join(filter(None, map(_said, note)))
    return _number(note) if isinstance(note, float) else str(note or "")


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return NOTHING
    return f"{round(float(value), 2) + 0.0:.2f}"  # + 0.0 turns -0.00 into 0.00


def _labels(scored: Scored, rows: list[int]) -> set[str | None]:
    return {scored.replies[row].label for row in rows}


def _clean(text: str) -> str:
    """The text without what would steer the terminal or could not be written to it."""
    return "\n".join(printable(line) for line in text.split("\n"))
