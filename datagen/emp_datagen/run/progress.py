"""A progress bar in a terminal: rate, time left; nothing where nobody looks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def bar(total: int) -> Iterator[Callable[[int], None]]:
    """Shows a bar on stderr while the block runs.

    Args:
        total: Cases that are expected; more may come where some are dropped.

    Yields:
        A function that takes how many were finished since the last call.
    """
    if not sys.stderr.isatty():
        yield lambda finished: None
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
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("rows", total=total, rate="")
        done = 0

        def advance(finished: int) -> None:
            nonlocal done
            done += finished
            speed = progress.tasks[0].speed
            progress.update(
                task,
                completed=done,
                total=max(total, done),
                rate=f"{speed:.0f}/s" if speed else "",
            )

        yield advance
