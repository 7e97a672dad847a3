"""A progress bar in a terminal: rate, failures, time left; nothing where nobody looks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

Progress = Callable[..., None]
"""Takes cases finished since the last call and, after them, how many of those failed."""


def silent(finished: int, failed: int = 0) -> None:
    """Shows nothing."""


@contextlib.contextmanager
def bar(total: int) -> Iterator[Progress]:
    """Shows a bar on stderr while the block runs.

    Args:
        total: Cases that are expected; more may come where some are dropped.

    Yields:
        A function that takes how many were finished, and how many of them failed, since the last
        call.
    """
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("rows"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("[red]{task.fields[failures]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("rows", total=total, rate="", failures="")
        done = lost = 0

        def advance(finished: int, failed: int = 0) -> None:
            nonlocal done, lost
            done, lost = done + finished, lost + failed
            speed = progress.tasks[0].speed
            progress.update(
                task,
                completed=done,
                total=max(total, done),
                rate=f"{speed:.0f}/s" if speed else "",
                failures=f"{lost} failed" if lost else "",
            )

        yield advance
