"""Correlations of the rewards, and length against reward."""

from __future__ import annotations

from collections.abc import Sequence

from emp_tooling.pages.charts import Series, heat_map, scatter_chart
from emp_tooling.pages.page import Section
from emp_tooling.pages.texts import columns, paragraph
from emp_tooling.report.relations import Relations, correlation, correlations, relations
from emp_tooling.report.run import Run
from emp_tooling.report.words import pretty

INTRO = (
    "Two rewards that always move together count one thing twice; a reward that goes with length "
    "may be paying for length."
)


def section(runs: Sequence[Run]) -> Section:
    """A matrix a run, and length against reward of all of them.

    Args:
        runs: One or several.

    Returns:
        The section.
    """
    found = [(run, numbers) for run in runs if (numbers := relations(run))]
    if not found:
        return Section("relations", "Rewards together", paragraph("Too few values were logged."))
    several = len(runs) > 1
    charts = [
        _matrix(numbers, run.name if several else "")
        for run, numbers in found
        if len(numbers.columns) > 1
    ]
    charts += _lengths([(run.name, runs.index(run), numbers) for run, numbers in found])
    html = columns(charts)
    sources = "; ".join(
        f"{run.name}: {numbers.source}" if several else numbers.source for run, numbers in found
    )
    return Section("relations", "Rewards together", html, f"{INTRO} Computed from {sources}.")


def _matrix(numbers: Relations, name: str) -> str:
    heading = f"Correlation of rewards{f', {name}' if name else ''}"
    names = list(map(pretty, numbers.columns))
    return heat_map(names, correlations(numbers.columns), title=heading)


def _lengths(found: Sequence[tuple[str, int, Relations]]) -> list[str]:
    """One chart for each unit of length: tokens and words are not to be mixed."""
    charts = []
    for unit in dict.fromkeys(numbers.unit for *_, numbers in found):
        shown = [one for one in found if one[2].unit == unit]
        series = [
            Series(
                f"{name} (r = {correlation(numbers.lengths, numbers.totals):.2f})",
                sorted(zip(numbers.lengths, numbers.totals, strict=True)),
                color=color,
            )
            for name, color, numbers in shown
        ]
        heading = "Length against total reward"
        if len(series) == 1:
            heading += series[0].name.removeprefix(shown[0][0])
        charts.append(scatter_chart(series, title=heading, x_label=unit, y_label="total reward"))
    return charts
