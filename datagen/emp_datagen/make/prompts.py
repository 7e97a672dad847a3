"""Rows for GRPO: what a client says and the state behind it."""

from __future__ import annotations

from emp_datagen.cases import Case, Plan
from emp_datagen.crew import Crew
from emp_datagen.dialogue import converse
from emp_datagen.make import Made
from emp_datagen.make.columns import columns, prompt

KIND = "prompt"


async def make(plan: Plan, case: Case, crew: Crew) -> Made:
    """One row by ``prompt.schema.json``."""
    moment = (await converse(plan, case, crew.say, crew.reply, crew.read))[-1]
    teacher = crew.client.name if crew.client else "scripted"
    row = {
        "id": case.id,
        "prompt": prompt(plan, moment),
        **columns(plan, moment, error=None, scores=None, teacher=teacher),
    }
    return Made([row])
