"""The columns that all rows share, and text in the form that was asked for."""

from __future__ import annotations

import random
from typing import Any

from emp_datagen.cases import Plan
from emp_datagen.dialogue import Moment
from emp_datagen.reasoning import Facts, reasoning
from emp_plugins.completion import CLIENT, THERAPIST

Row = dict[str, Any]


def columns(plan: Plan, moment: Moment, **own: Any) -> Row:
    """The columns of a moment.

    Args:
        plan: What is generated.
        moment: What the row's prompt ends with.
        **own: ``error``, ``scores`` and ``teacher``.

    Returns:
        The columns after the texts.
    """
    client = moment.case.client
    return {
        "persona": client.persona.key,
        "diagnosis": client.persona.diagnosis,
        "severity": client.severity.name,
        "risk": moment.risk,
        "turn": moment.number,
        "state": moment.state.to_row(),
        "target": moment.target,
        **own,
        "seed": plan.seed,
    }


def prompt(plan: Plan, moment: Moment) -> str | list[dict[str, str]]:
    """The prompt in the plan's format; as plain text the turns are labelled after the first."""
    messages = moment.prompt(plan)
    if plan.format == "conversational":
        return messages
    if len(messages) == 1:
        return messages[0]["content"]
    names = {"user": CLIENT, "assistant": THERAPIST}
    told = [f"{names[m['role']]}: {m['content']}" for m in messages[:-1]]
    return "\n".join([*told, messages[-1]["content"]])


def reply(plan: Plan, moment: Moment, text: str, error: str = "") -> str | list[dict[str, str]]:
    """A reply in the plan's template and format."""
    if plan.template is not None:
        case = moment.case
        facts = Facts(case.client.situation.topic, moment.target, moment.state.affect, moment.risk)
        rng = random.Random(f"{case.id}:{moment.number}:{error}:reasoning")
        approach = plan.loaded_bank.errors[error].approach if error else ()
        lines = reasoning(facts, plan.template, rng, tuple(approach))
        text = plan.template.render(lines, text)
    return text if plan.format == "standard" else [{"role": "assistant", "content": text}]
