"""Options that the verbs share, and the line that each ends with."""

from __future__ import annotations

import errno
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from emp_datagen.jsonl import Row, Written

FILE = click.Path(path_type=Path)


def common(default_n: int, default_out: str) -> Callable[[Any], Any]:
    """Adds the options that every generating verb has.

    Args:
        default_n: Rows where ``--n`` is not given.
        default_out: File where ``--out`` is not given.

    Returns:
        A decorator for a click command.
    """
    options = [
        click.option(
            "--personas",
            multiple=True,
            default=("all",),
            show_default=True,
            metavar="NAMES",
            help="Persona, comma list of them, or all; can be repeated.",
        ),
        click.option("--persona-dir", type=FILE, help="Folder with more persona files (*.yml)."),
        click.option(
            "--n", type=click.IntRange(min=1), default=default_n, show_default=True, help="Rows."
        ),
        click.option(
            "--out", type=FILE, default=default_out, show_default=True, help="JSONL file to write."
        ),
        click.option(
            "--seed", type=int, default=0, show_default=True, help="The same seed, the same bytes."
        ),
        click.option(
            "--split",
            type=click.Choice(["train", "dev", "heldout", "all"]),
            default="train",
            show_default=True,
            help="Which situations: choose settings on dev, never on heldout.",
        ),
        click.option(
            "--risk-share",
            type=click.FloatRange(0, 1),
            help="Share of clients at risk level 2 or more; without it the personas' own, 12 %.",
        ),
        click.option(
            "--header",
            type=click.Choice(["full", "short", "none"]),
            default="full",
            show_default=True,
            help="State header over the client's message.",
        ),
        click.option(
            "--format",
            "format_",
            type=click.Choice(["conversational", "standard"]),
            default="conversational",
            show_default=True,
            help="Chat messages or plain strings.",
        ),
    ]

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def check_out(path: Path) -> None:
    """Fails before any work is done where the file cannot be written.

    Args:
        path: The file to write later.

    Raises:
        OSError: The folder cannot be made or written to.
    """
    folder = path.parent
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is a file, expected a folder", str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "folder is not writable", str(folder))


def tracked(rows: Iterable[Row], total: int, counts: dict[str, Counter[Any]]) -> Iterator[Row]:
    """Passes rows on, counts them, and shows a progress bar in a terminal.

    Args:
        rows: The rows.
        total: How many there will be.
        counts: Column to a counter of its values, filled as rows pass.

    Yields:
        The rows.
    """
    for row in _bar(rows, total):
        for column, counter in counts.items():
            counter[row[column]] += 1
        yield row


def summary(written: Written, counts: dict[str, Counter[Any]]) -> str:
    """The last line of a run.

    Args:
        written: What was written.
        counts: Column to a counter of its values.

    Returns:
        Rows, file, hash and counts in one line.
    """
    parts = [f"{name}: {_listed(counter)}" for name, counter in counts.items()]
    head = f"{written.rows} rows written to {written.path} (sha256 {written.sha256[:12]})"
    return "; ".join([head, *parts])


def _listed(counter: Counter[Any]) -> str:
    names: Sequence[Any] = sorted(counter)
    return ", ".join(f"{name} {counter[name]}" for name in names)


def _bar(rows: Iterable[Row], total: int) -> Iterable[Row]:
    if not sys.stderr.isatty():
        return rows
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(rows, "rows", total=total, console=console, transient=True)
