"""Tables that scroll sideways on a phone rather than the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from emp_tooling.pages.page import Mood


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: What stands there, plain text.
        small: A second line, such as an interval.
        mood: ``good``, ``bad`` or ``note`` color the text; say it in words too.
        share: Length of a bar under the text, 0 to 1; None for no bar.
    """

    text: str
    small: str = ""
    mood: Mood = ""
    share: float | None = None


def table(head: Sequence[str], rows: Sequence[Sequence[Cell | str]]) -> str:
    """A table in a card.

    Args:
        head: Titles of the columns.
        rows: Cells, as many as titles; a text stands for a cell. A row of one cell is a heading
            across all columns.

    Returns:
        HTML.

    Example:
        >>> html = table(["Reward", "Mean"], [["empathy", Cell("0.61", "0.58 to 0.64")]])
        >>> "<small>0.58 to 0.64</small>" in html
        True
    """
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    body = "".join(_row(row, len(head)) for row in rows)
    return (
        '<div class="card scroll" tabindex="0"><table>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[Cell | str], width: int) -> str:
    cells = [Cell(cell) if isinstance(cell, str) else cell for cell in row]
    if len(cells) == 1 < width:
        return (
            f'<tr class="group"><th colspan="{width}" scope="colgroup">'
            f"{escape(cells[0].text)}</th></tr>"
        )
    return f"<tr>{''.join(map(_cell, cells))}</tr>"


def _cell(cell: Cell) -> str:
    bar = ""
    if cell.share is not None:
        width = 100 * min(max(cell.share, 0.0), 1.0)
        bar = (
            f'<span class="bar"><span class="{cell.mood}" style="width:{width:.1f}%"></span></span>'
        )
    small = f"<small>{escape(cell.small)}</small>" if cell.small else ""
    return f'<td><span class="{cell.mood}">{escape(cell.text)}</span>{bar}{small}</td>'
