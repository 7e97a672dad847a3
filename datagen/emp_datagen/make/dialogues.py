"""Rows for SFT: whole dialogues in which every reply is a good one."""

from __future__ import annotations

import asyncio

from emp_datagen.cases import Case, Plan
from emp_datagen.crew import Crew
from emp_datagen.dialogue import Moment, converse
from emp_datagen.judging.clinical import Item
from emp_datagen.make import Made
from emp_datagen.make.columns import columns, reply

KIND = "dialogue"


async def make(plan: Plan, case: Case, crew: Crew) -> Made:
    """One row by ``dialogue.schema.json``; dropped where a rule forbids one of its replies."""
    moments = await converse(plan, case, crew.say, crew.reply, crew.read)
    last = moments[-1]
    said = list(last.messages)
    answers = [m["content"] for m in said if m["role"] == "assistant"]
    answers.append(await crew.reply(last.order(plan)))
    scores = None
    if crew.spec.judged:
        asked = zip(moments, answers, strict=True)
        items = [Item(m.messages, answer, m.risk, m.state) for m, answer in asked]
        found = await asyncio.gather(*map(crew.judge, items))
        if any(one.veto for one in found):
            return Made(dropped="vetoed")
        scores = [one.to_row() for one in found]
    assert crew.therapist is not None
    row = {
        "id": case.id,
        "messages": _messages(plan, moments, answers),
        **columns(plan, last, error=None, scores=scores, teacher=crew.therapist.name),
        "states": [moment.state.to_row() for moment in moments],
    }
    return Made([row])


def _messages(plan: Plan, moments: list[Moment], answers: list[str]) -> list[dict[str, str]]:
    """The transcript, each client message under its own header and each reply in the template.

    The template's system prompt comes first, as the transforms put it before prompts and pairs: a
    model that is warmed up on this meets the same words in the next run.
    """
    system = plan.template.system.strip() if plan.template is not None else ""
    messages = [{"role": "system", "content": system}] if system else []
    for moment, answer in zip(moments, answers, strict=True):
        messages.append(moment.prompt(plan)[-1])
        text = reply(plan, moment, answer)
        content = text if isinstance(text, str) else text[-1]["content"]
        messages.append({"role": "assistant", "content": content})
    return messages
