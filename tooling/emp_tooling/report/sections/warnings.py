"""What is wrong, in words, at the top of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from emp_plugins.monitor.diagnosis import diagnose
from emp_plugins.monitor.health import examine
from emp_tooling.pages import texts
from emp_tooling.pages.page import Mood, Section
from emp_tooling.report.evaluation import Evaluation
from emp_tooling.report.run import Run
from emp_tooling.report.words import pretty

Line = tuple[str, str]
"""A sentence, and what to try."""

NOTHING = "Nothing to report: no health rule fired, and no dimension of the replies failed."
UNMONITORED = (
    "This run was not monitored: what it says on held-out prompts is not known. Add "
    "`monitor: {every_steps: 100}` under empathy: in the recipe."
)
UNFINISHED = "The run did not come to its end, or is still training."


def section(runs: Sequence[Run]) -> Section:
    """Warnings of the monitor, failed dimensions, the evaluation's verdict.

    Args:
        runs: One or several.

    Returns:
        The section; one card a run.
    """
    return Section("warnings", "In words", "".join(_card(run, len(runs) > 1) for run in runs))


def bad_news(run: Run) -> list[Line]:
    """Everything that speaks against a run.

    Args:
        run: The run.

    Returns:
        The gravest first: the verdict, failed dimensions, warnings by step.
    """
    found: list[Line] = []
    if run.evaluation and run.evaluation.verdict == "worse":
        found.append(_verdict(run.evaluation))
    if run.points:
        first = run.points[0] if len(run.points) > 1 else None
        found += [(sentence, "") for sentence in diagnose(first, run.points[-1])]
    return found + list(_warnings(run))


def _card(run: Run, several: bool) -> str:
    bad, notes = bad_news(run), list(_notes(run))
    html = texts.heading(run.name) if several else ""
    if bad:
        html += texts.advised(bad)
    elif run.record is not None:
        html += texts.paragraph(NOTHING)
    html += "".join(texts.paragraph(note) for note in notes)
    mood: Mood = "bad" if bad else "note" if run.record is None else "good"
    return texts.card(html, mood)


def _warnings(run: Run) -> Iterator[Line]:
    if run.record is None:
        for warning in examine(run.history, run.settings):
            yield _line(warning.rule, warning.step, warning.message, warning.advice, False)
        return
    for line in run.record.warnings:
        rule, message, advice = (str(line.get(key) or "") for key in ("rule", "message", "advice"))
        yield _line(rule, line["step"], message, advice, bool(line.get("stopped")))


def _line(rule: str, step: int, message: str, advice: str, stopped: bool) -> Line:
    ended = " This ended the training (stop_on)." if stopped else ""
    return (
        f"{pretty(rule)}, step {step}: {_sentence(message)}{ended}",
        f"What to try: {advice}" if advice else "",
    )


def _notes(run: Run) -> Iterator[str]:
    if run.record is None:
        yield UNMONITORED
    else:
        yield from map(_failure, run.record.failures)
    if run.record is not None and not run.record.ends:
        yield UNFINISHED
    if run.evaluation and run.evaluation.verdict and run.evaluation.verdict != "worse":
        yield " ".join(filter(None, _verdict(run.evaluation)))


def _failure(line: Mapping[str, object]) -> str:
    return _sentence(f"The monitor failed at step {line.get('step')}: {line.get('reason')}")


def _verdict(found: Evaluation) -> Line:
    why = f": {found.reasons[0]}" if found.reasons else ""
    line = _sentence(f'The verdict of the evaluation is "{found.verdict}"{why}')
    more = "; ".join(found.reasons[1:])
    return line, _sentence(f"Further: {more}") if more else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
