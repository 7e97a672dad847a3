"""The calibration curves of judges, with experts' labels where they are known."""

from __future__ import annotations

from collections.abc import Sequence

from emp_tooling.pages.charts import Series, line_chart, side_by_side
from emp_tooling.pages.page import Section
from emp_tooling.pages.texts import advised
from emp_tooling.report.calibration import Calibrated, calibrations
from emp_tooling.report.run import Run
from emp_tooling.report.words import pretty


def section(runs: Sequence[Run]) -> Section | None:
    """A chart for each calibration of each recipe; recipes that agree share it.

    Args:
        runs: One or several.

    Returns:
        The section, or None where no recipe sets a calibration.
    """
    found: dict[Calibrated, list[str]] = {}
    for run in runs:
        for one in calibrations(run.recipe):
            found.setdefault(one, []).append(run.name)
    if not found:
        return None
    several = len(runs) > 1
    charts = [_chart(one, names if several else []) for one, names in found.items() if one.curve]
    faults = [
        (f"{pretty(one.where)}: no curve: {one.fault}", ", ".join(names) if several else "")
        for one, names in found.items()
        if one.fault
    ]
    html = (side_by_side(charts) if charts else "") + (advised(faults) if faults else "")
    intro = "What a judge's score is worth as a reward or on the monitor's curve."
    return Section("calibration", "Calibration of the judges", html, intro)


def _chart(one: Calibrated, names: Sequence[str]) -> str:
    series = [Series("calibration", one.curve)]
    if one.reliability:
        series.append(Series("experts' labels, means of bins", one.reliability))
    of = f" ({', '.join(names)})" if names else ""
    title = f"{pretty(one.where)}{of}: {one.words}"
    return line_chart(series, title=title, x_label=one.x_label, y_range=(0.0, 1.0))
