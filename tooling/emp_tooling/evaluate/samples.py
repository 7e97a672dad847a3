"""Replies of both models side by side, on a page."""

from __future__ import annotations

from emp_plugins.affect.state import parse
from emp_plugins.completion import client_text
from emp_plugins.measure import Measured
from emp_tooling.evaluate.run import Evaluated
from emp_tooling.evaluate.settings import spread
from emp_tooling.pages.page import Section
from emp_tooling.pages.replies import Reply, Sample, beside, in_completion

COUNT = 6
INTRO = (
    "Prompts at even distances; nobody chose them. Marked are passages that safety rules and the "
    "mechanisms of empathy found."
)


def samples(found: Evaluated) -> Section | None:
    """Prompts at even distances with what each model replied.

    Args:
        found: The evaluation.

    Returns:
        The section; None where no held-out prompts were met.
    """
    places = range(len(found.material.prompts))
    cards = [beside(_sample(found, place)) for place in spread(places, COUNT)]
    return Section("samples", "Replies side by side", "".join(cards), INTRO) if cards else None


def _sample(found: Evaluated, place: int) -> Sample:
    row, template = found.material.prompts[place], found.material.template
    facts = [str(row[key]) for key in ("persona", "severity") if row.get(key)]
    replies = []
    for side, one in (("base", found.judged.base), ("model", found.judged.model)):
        if one is not None and one.measured is not None:
            text = found.answers[side].single[place]
            answer = template.parse(text).answer
            replies.append((side.capitalize(), _reply(text, answer, one.measured, place)))
    return Sample(
        client=parse(client_text(row["prompt"]))[1],
        facts=(*facts, f"risk {row.get('risk') or 0}"),
        replies=tuple(replies),
    )


def _reply(text: str, answer: str | None, measured: Measured, place: int) -> Reply:
    total = measured.columns.get("reward_total")
    return Reply(
        text=text,
        spans=in_completion(text, answer, measured.spans[place]),
        problems=measured.problems[place],
        rule=measured.rules[place],
        notes=(f"reward {total[place]:.2f}",) if total else (),
    )
