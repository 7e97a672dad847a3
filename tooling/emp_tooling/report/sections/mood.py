"""The mood of the replies over training, and per group of clients at the end."""

from __future__ import annotations

from collections.abc import Sequence

from emp_plugins.affect.hourglass import AXES
from emp_plugins.monitor.history import Point
from emp_tooling.evaluate.words import title
from emp_tooling.pages.charts import side_by_side
from emp_tooling.pages.page import Section
from emp_tooling.pages.tables import Cell, table
from emp_tooling.pages.texts import heading, paragraph
from emp_tooling.report.completions import numbers
from emp_tooling.report.curves import Curve
from emp_tooling.report.run import Run
from emp_tooling.report.sections.curves import draw

CURVES = (
    *(Curve(axis, "", axis.lower()) for axis in AXES),
    Curve("Polarity", "", "polarity"),
    Curve("Calibrated polarity", "", "calibrated_polarity"),
)
COLUMNS = (*(axis.lower() for axis in AXES), "polarity", "acknowledgement", "safe")
AXIS = "axis:"
SWITCH_ON = (
    "No mood was measured. `monitor: {every_steps: 100}` under empathy: measures the four "
    "dimensions of the replies to a fixed set of prompts while the model trains."
)
NO_ANSWER = "No mood was measured: no answer could be told apart in the replies."


def section(runs: Sequence[Run]) -> Section:
    """Four dimensions and polarity, over training and by group.

    Args:
        runs: One or several.

    Returns:
        The section.
    """
    charts = [chart for curve in CURVES if (chart := draw(curve, runs))]
    if not charts:
        said = NO_ANSWER if any(run.points for run in runs) else SWITCH_ON
        return Section("mood", "Mood profile", paragraph(said))
    html = side_by_side(charts)
    for run in runs:
        if run.points and run.points[-1].personas:
            first, last = run.points[0], run.points[-1]
            of = f" of {run.name}" if len(runs) > 1 else ""
            html += heading(f"By group of clients, at step {last.step}{of}")
            html += group_table(first, last)
    intro = "What the replies to the held-out prompts say, from -1 to 1, with 95 % intervals."
    return Section("mood", "Mood profile", html, intro)


def group_table(first: Point, last: Point) -> str:
    """The last point's means by group of clients, and what they were at first.

    Args:
        first: The first point.
        last: The last one.

    Returns:
        A table; groups by their lowest axis first, then clients at risk, then personas.
    """
    found = {name for values in last.personas.values() for name in numbers(values)}
    columns = [name for name in COLUMNS if name in found]
    rows = [
        [Cell(_group(name)), *(_cell(first, last, name, column) for column in columns)]
        for name in sorted(last.personas, key=_order)
    ]
    return table(["Clients", *map(title, columns)], rows)


def _cell(first: Point, last: Point, group: str, column: str) -> Cell:
    now = numbers(last.personas[group]).get(column)
    then = numbers(first.personas.get(group)).get(column) if first is not last else None
    if now is None:
        return Cell("no value")
    return Cell(_number(now), "" if then is None else f"was {_number(then)}")


def _number(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"  # + 0.0 turns -0.0 into 0.0


def _group(name: str) -> str:
    if name.startswith(AXIS):
        return f"lowest in {name.removeprefix(AXIS)}"
    return "at risk" if name == "risk" else name.replace("_", " ")


def _order(name: str) -> tuple[int, str]:
    return (0 if name.startswith(AXIS) else 1 if name == "risk" else 2), name
