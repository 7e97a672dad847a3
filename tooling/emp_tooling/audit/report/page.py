"""The page of an audit: one file that loads nothing. Every text goes through ``html.escape``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template as Shell
from typing import Any

from emp_plugins.files import atomic_write
from emp_tooling.audit.report.tables import Cell, Table, tables
from emp_tooling.audit.report.words import METHOD, NOTE


def write_page(path: str | Path, result: Mapping[str, Any]) -> None:
    """Writes the page.

    Args:
        path: The HTML file.
        result: The result of an audit.
    """
    shell = Shell((files(__package__) / "page.html").read_text(encoding="utf-8"))
    page = shell.substitute(
        title=escape(f"Audit of {Path(result['recipe']).name}"),
        subtitle=escape(_subtitle(result)),
        note=escape(NOTE),
        warnings=_warnings(result["warnings"]),
        notes="".join(f'<p class="soft">{escape(line)}</p>' for line in result["notes"]),
        tables="".join(map(_table, tables(result))),
        method="".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in METHOD),
    )
    with atomic_write(path) as file:
        file.write(page)


def _subtitle(result: Mapping[str, Any]) -> str:
    weights = ", ".join(f"{name} {weight:g}" for name, weight in result["rewards"].items())
    judges = " on the embedded judges" if result["embedded"] else ""
    labels = "".join(f"; labels: {one['name']}, {one['rows']} rows" for one in result["labels"])
    return f"Rewards and weights{judges}: {weights}{labels}; seed {result['seed']}"


def _warnings(lines: Sequence[str]) -> str:
    if not lines:
        return '<section class="card good"><p>No warning.</p></section>'
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<section class="card bad"><h2>Warnings</h2><ul>{items}</ul></section>'


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
    return (
        f'<section><h2>{escape(table.title)}</h2><div class="card scroll"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>"
    )


def _cell(cell: Cell) -> str:
    small = f"<small>{escape(cell.small)}</small>" if cell.small else ""
    bar = ""
    if cell.share is not None:
        width = 100 * min(max(cell.share, 0.0), 1.0)
        bar = (
            f'<span class="bar"><span class="{cell.mood}" style="width:{width:.1f}%"></span></span>'
        )
    return f'<td><span class="{cell.mood}">{escape(cell.text)}</span>{bar}{small}</td>'
