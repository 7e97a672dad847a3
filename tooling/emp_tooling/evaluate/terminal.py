"""What an evaluation says in a terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from emp_tooling.evaluate.run import Evaluated
from emp_tooling.evaluate.words import DETAILS, ERRORS, number, ordered, signed, title

EVERY_SECONDS = 1.0


class Counter:
    """Counts replies on stderr, at most once a second; ``emp demo`` reads these lines."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Takes the number of replies so far and of all."""
        now = time.monotonic()
        if done >= total or now - self._last >= EVERY_SECONDS:
            self._last = now
            click.echo(f"progress {done}/{total} replies", err=True)


def show(found: Evaluated, content: Mapping[str, Any]) -> None:
    """Writes the tables, the reasons and, as the last line, the verdict.

    Args:
        found: The evaluation.
        content: Its results.
    """
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    console.print(_table(content))
    for line in _notes(found):
        console.print(line, markup=False, soft_wrap=True)
    verdict = found.judged.verdict
    for reason in verdict.reasons:
        console.print(f"- {reason}", markup=False, soft_wrap=True)
    console.print(verdict.line, markup=False, soft_wrap=True)


def _notes(found: Evaluated) -> list[str]:
    out, answers = found.settings.out, found.answers
    lines = []
    if kept := sum(one.found for one in answers.values()):
        noun = "reply was" if kept == 1 else "replies were"
        lines.append(f"{kept} {noun} in {out} already (--fresh asks for them again)")
    if found.skipped:
        noun = "line" if found.skipped == 1 else "lines"
        lines.append(f"{found.skipped} half-written {noun} in {out} skipped")
    lines.append(f"Report: {out / 'report.html'}  Numbers: {out / 'results.json'}")
    return lines


def _table(content: Mapping[str, Any]) -> Any:
    from rich.table import Table

    table = Table(title=f"{content['model']['name']} on {content['prompts']['n']} prompts")
    table.add_column("measure")
    compared = content["base"] is not None
    for name in ("base", "model", "difference") if compared else ("model",):
        table.add_column(name, justify="right", no_wrap=True)
    figures = content["model"]["figures"]
    held = content["differences"] if compared else figures
    for head, names in ordered(held):
        seen = [name for name in names if not (compared and _absent(name, held[name]))]
        if head in DETAILS or not seen:
            continue
        table.add_row(f"[bold]{head}[/bold]")
        for name in seen:
            row = _compared(held[name], name) if compared else [_figure(figures[name], name)]
            table.add_row(title(name), *row)
    return table


def _absent(name: str, one: Mapping[str, Any]) -> bool:
    """Whether it is an error that neither model made."""
    return ERRORS in name and not one["base"] and not one["model"]


def _compared(one: Mapping[str, Any], name: str) -> list[str]:
    ends = f"\\[{signed(one['low'], name)}, {signed(one['high'], name)}]"
    base, model = number(one["base"], name), number(one["model"], name)
    return [base, model, f"{signed(one['difference'], name)} {ends}"]


def _figure(one: Mapping[str, Any], name: str) -> str:
    return (
        f"{number(one['mean'], name)} \\[{number(one['low'], name)}, {number(one['high'], name)}]"
    )
