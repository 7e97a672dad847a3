"""Rows of k replies to one message with their scores, to look at or to seed GRPO."""

from __future__ import annotations

import asyncio
import random

from emp_datagen.cases import Case, Plan, other_errors
from emp_datagen.crew import Crew
from emp_datagen.dialogue import converse
from emp_datagen.make import Made
from emp_datagen.make.columns import columns, prompt, reply
from emp_datagen.make.pairs import judged

KIND = "group"


async def make(plan: Plan, case: Case, crew: Crew) -> Made:
    """One row by ``group.schema.json``: half good replies, half with errors that take turns."""
    moment = (await converse(plan, case, crew.say, crew.reply, crew.read))[-1]
    rng = random.Random(f"{case.id}:group")
    k = crew.spec.candidates
    styles = ["", *plan.loaded_bank.styles]
    names = other_errors(plan, moment.risk, case.error)
    errors = [case.error, *rng.sample(names, min(len(names), k))][: k // 2]
    goods = [
        moment.order(plan, therapist=styles[i % len(styles)], seed=f"{case.id}:{i}")
        for i in range(k - len(errors))
    ]
    orders = [*goods, *(moment.order(plan, error=error) for error in errors)]
    texts = await asyncio.gather(*(crew.reply(order) for order in orders))
    drawn = await judged(moment, crew, [(t, o.error) for t, o in zip(texts, orders, strict=True)])
    rng.shuffle(drawn)
    assert crew.therapist is not None
    row = {
        "id": case.id,
        "prompt": prompt(plan, moment),
        "completions": [reply(plan, moment, one.text, one.error) for one in drawn],
        **columns(
            plan,
            moment,
            error=[one.error or None for one in drawn],
            scores=[one.judged.to_row() for one in drawn],
            teacher=crew.therapist.name,
        ),
    }
    return Made([row], error=case.error)
