"""The page of a file: one HTML file that loads nothing. Every text goes through ``escape``."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template as Shell
from typing import Any

from emp_datagen.stats.tables import METHOD, Line, Table, tables
from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write


def write_page(path: Path, source: Path, result: Mapping[str, Any]) -> None:
    """Writes the page.

    Args:
        path: The HTML file; one that exists is replaced.
        source: The file that it is about.
        result: What `emp_datagen.stats.measure` says.

    Raises:
        InputError: The name does not end in ``.html``: it may be somebody's data.
        OSError: The file cannot be written.
    """
    if path.suffix not in (".html", ".htm"):
        raise InputError(f"{path}: the page's name must end in .html")
    shell = Shell((files(__package__) / "page.html").read_text(encoding="utf-8"))
    first, *others = tables(result)
    page = shell.substitute(
        title=escape(source.name),
        subtitle=escape(f"{result['rows']:,} rows ({result['kind']})"),
        figures="".join(map(_figure, first.lines[1:])),
        notes="".join(f'<p class="card">{escape(note)}</p>' for note in result["notes"]),
        tables="".join(map(_table, others)),
        method="".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in METHOD),
    )
    with atomic_write(path) as file:
        file.write(page)


def _figure(line: Line) -> str:
    return f"<div><dt>{escape(line.label)}</dt><dd>{escape(line.values[0])}</dd></div>"


def _table(table: Table) -> str:
    bars = any(line.share is not None for line in table.lines)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    head += '<td class="bar"></td>' if bars else ""
    body = "".join(_row(line, bars) for line in table.lines)
    return (
        f'<section><h2>{escape(table.title)}</h2><div class="card scroll"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>"
    )


def _row(line: Line, bars: bool) -> str:
    values = "".join(f"<td>{escape(value)}</td>" for value in line.values)
    bar = f'<td class="bar">{_bar(line.share)}</td>' if bars else ""
    return f'<tr><th scope="row">{_label(line.label)}</th>{values}{bar}</tr>'


def _label(text: str) -> str:
    """A name that may break after an underscore, where a phone is too narrow for it."""
    return escape(text).replace("_", "_<wbr>")


def _bar(share: float | None) -> str:
    """A bar; the number stands beside it, so that it says nothing to a screen reader."""
    if share is None:
        return ""
    width = 100 * min(max(share, 0.0), 1.0)
    return (
        '<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8"></rect>'
        f'<rect class="fill" width="{width:.1f}" height="8"></rect></svg>'
    )
