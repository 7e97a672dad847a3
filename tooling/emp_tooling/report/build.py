"""Puts the page together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from emp_plugins.errors import InputError
from emp_plugins.monitor.completions import MODE
from emp_tooling.pages import texts
from emp_tooling.pages.page import Section, write_page
from emp_tooling.pages.series import STYLES
from emp_tooling.report.run import Run, named
from emp_tooling.report.sections import (
    calibration,
    curves,
    evaluated,
    mood,
    provenance,
    relations,
    samples,
    warnings,
)
from emp_tooling.report.words import METHOD, NOTE


def write_report(
    path: str | Path,
    runs: Sequence[Run],
    *,
    title: str = "",
    subtitle: str = "",
    seconds: Mapping[str, float] | None = None,
) -> None:
    """Writes the report as one file that loads nothing; where it shows replies, for its owner only.

    Args:
        path: The HTML file.
        runs: One, or several to lay over each other.
        title: Headline; by default it names the runs.
        subtitle: A line under it.
        seconds: How long each step of the work took, where that is known.

    Raises:
        InputError: More runs than there are colors.
    """
    if len(runs) > STYLES:
        raise InputError(f"{len(runs)} runs: at most {STYLES} can be told apart on one page")
    shown = named(runs)
    headline = title or f"Report on {', '.join(run.name for run in shown)}"
    write_page(path, headline, subtitle or _subtitle(shown), list(_sections(shown, seconds)))
    if any(run.samples for run in shown):
        Path(path).chmod(MODE)


def _sections(runs: Sequence[Run], seconds: Mapping[str, float] | None) -> Iterator[Section]:
    yield warnings.section(runs)
    yield from curves.sections(runs)
    yield mood.section(runs)
    yield from filter(None, [evaluated.section(runs)])
    yield samples.section(runs)
    yield relations.section(runs)
    yield from filter(None, [calibration.section(runs)])
    yield provenance.section(runs)
    yield Section("method", "How each number is made", _method(seconds))


def _method(seconds: Mapping[str, float] | None) -> str:
    told = list(METHOD)
    if seconds:
        spent = ", ".join(f"{name} {value:.0f} s" for name, value in seconds.items())
        told.append(("How long it took", spent))
    return texts.facts(told) + texts.paragraph(NOTE, soft=True)


def _subtitle(runs: Sequence[Run]) -> str:
    models = dict.fromkeys(
        str(run.started.get("base_model") or run.recipe.get("base_model") or "") for run in runs
    )
    steps = max((log["step"] for run in runs for log in run.logs.entries[-1:]), default=0)
    steps = max([steps, *(point.step for run in runs for point in run.points[-1:])])
    return " · ".join(filter(None, [*models, f"{steps:g} steps"]))
