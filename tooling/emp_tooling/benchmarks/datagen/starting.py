"""How long the command line takes to show its help."""

from __future__ import annotations

import statistics
import sys

from emp_tooling.benchmarks.datagen import children
from emp_tooling.benchmarks.datagen.figures import Figure, Wanted

PYTHON = "python -c pass"


def measure(runs: int = 10) -> list[Figure]:
    """Times ``emp-datagen --help`` against a Python that does nothing.

    Args:
        runs: Of each, in turns.

    Returns:
        Best and median of both.
    """
    commands = {
        PYTHON: (sys.executable, "-c", "pass"),
        "emp-datagen --help": (children.EMP_DATAGEN, "--help"),
    }
    for command in commands.values():
        children.run(command)  # the first one reads the files from disk
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            seconds[name].append(children.run(command).seconds)
    figures = []
    for what, pick in (("best", min), ("median", statistics.median)):
        nothing, found = pick(seconds[PYTHON]), pick(seconds["emp-datagen --help"])
        name = f"emp-datagen --help, {what} of {runs}"
        ratios = {PYTHON: found / nothing}
        figures.append(Figure("help", name, found, "s", ratios, Wanted("<=", 0.3)))
    return figures
