"""Replies side by side, with the passages that rules and measures found."""

from __future__ import annotations

from collections.abc import Sequence

from emp_tooling.pages import texts
from emp_tooling.pages.page import Section
from emp_tooling.pages.replies import beside
from emp_tooling.report.completions import evenly
from emp_tooling.report.run import Run

COUNT = 6
SWITCH_ON = (
    "no replies to show were kept. `monitor: {completions: true}` under empathy: writes them "
    "to completions.jsonl in output_dir, readable for its owner only."
)
INTRO = (
    "Taken at even distances from the held-out prompts; nobody chose them. Marked passages are "
    "what the safety rules and the measures of empathy found."
)


def section(runs: Sequence[Run]) -> Section:
    """Prompts taken at even distances, with the first and the last reply to each.

    Args:
        runs: One or several; they share the number of samples.

    Returns:
        The section.
    """
    html = ""
    for run in runs:
        samples = evenly(run.samples, max(COUNT // len(runs), 2))
        html += texts.heading(run.name) if samples and len(runs) > 1 else ""
        html += "".join(map(beside, samples))
    silent = [run.name for run in runs if not run.samples]
    if silent:
        html += texts.paragraph(f"{', '.join(silent)}: {SWITCH_ON}")
    intro = INTRO if len(silent) < len(runs) else ""
    return Section("samples", "The same prompts, before and after", html, intro)
