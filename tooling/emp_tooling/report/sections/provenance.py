"""Where the runs come from: recipe, data, packages, cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emp_tooling.pages import texts
from emp_tooling.pages.page import Section
from emp_tooling.pages.tables import table
from emp_tooling.report.origin import data, differences, facts
from emp_tooling.report.run import Run

NO_RECIPE = "The recipe is not known: the run was not monitored, and --recipe names none."


def section(runs: Sequence[Run]) -> Section:
    """Facts, data and recipe of each run, and what differs between recipes.

    Args:
        runs: One or several.

    Returns:
        The section.
    """
    several = len(runs) > 1
    html = _differences(runs) if several else ""
    for run in runs:
        html += texts.heading(run.name) if several else ""
        html += _origin(run)
    return Section("provenance", "Where it comes from", html)


def _differences(runs: Sequence[Run]) -> str:
    rows = differences(runs)
    if not rows:
        return texts.paragraph("The recipes do not differ, as far as they are known.")
    head = ["Recipe key", *(run.name for run in runs)]
    return texts.heading("What differs between the recipes") + table(head, rows)


def _origin(run: Run) -> str:
    html = texts.facts(facts(run))
    files, said = data(run)
    if files:
        head = ["Data file", "Rows", "SHA-256 begins"]
        html += table(head, files) + texts.paragraph(f"Files {said}.", soft=True)
    versions = run.started.get("versions")
    if isinstance(versions, Mapping) and versions:
        rows = [(str(name), str(version)) for name, version in versions.items()]
        html += texts.folded("Versions of packages", table(["Package", "Version"], rows))
    return html + (_recipe(run) if run.recipe else texts.paragraph(NO_RECIPE))


def _recipe(run: Run) -> str:
    import yaml

    text = yaml.safe_dump(dict(run.recipe), sort_keys=False, allow_unicode=True)
    return texts.folded("Recipe, secrets left out", texts.source(text))
