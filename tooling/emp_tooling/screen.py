"""Steps on the screen: what runs, how far it is, and the end of its log where it fails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from emp_tooling.steps import Outcome, Step, StepFailed, run_step, tail

LINE_SECONDS = 20.0
"""How often a line says how far a step is where there is no terminal."""


def run_all(plan: list[Step], folder: Path, console: Any) -> dict[str, float]:
    """Runs the steps and says on the screen how they go; a failure ends the program.

    Args:
        plan: The steps.
        folder: Folder for everything made.
        console: A rich console.

    Returns:
        How long each step took when it really ran.
    """
    seconds = {}
    for number, step in enumerate(plan, 1):
        title = f"[{number}/{len(plan)}] {step.name}"
        try:
            outcome = _watched(step, folder, title, console)
        except StepFailed as error:
            console.print("\n".join(tail(error.log)), markup=False, soft_wrap=True)
            last = f"{error}; all of its output: {error.log}"
            console.print(last, markup=False, soft_wrap=True, style="bold red")
            sys.exit(1)
        seconds[step.name] = outcome.seconds
        note = "there already, took" if outcome.reused else "done in"
        console.print(f"{title:<16} {note} {outcome.seconds:.0f} s", markup=False)
    return seconds


def _watched(step: Step, folder: Path, title: str, console: Any) -> Outcome:
    from rich.markup import escape

    if console.is_terminal:
        with console.status(escape(title)) as status:
            return run_step(
                step, folder, lambda s, count: status.update(escape(f"{title}  {count}  {s:.0f} s"))
            )
    last = 0.0

    def line(seconds: float, count: str) -> None:
        nonlocal last
        if seconds - last >= LINE_SECONDS:
            last = seconds
            console.print(f"{title:<16} {count} {seconds:.0f} s", markup=False)

    return run_step(step, folder, line)
