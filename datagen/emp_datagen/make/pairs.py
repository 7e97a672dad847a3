"""Rows for DPO: a good reply and one that makes a named clinical error."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from emp_datagen.cases import Case, Plan, other_errors
from emp_datagen.crew import Crew
from emp_datagen.dialogue import Moment, converse
from emp_datagen.judging.clinical import Item
from emp_datagen.judging.select import Candidate, Dropped, Pair, agrees, length_ratio, select
from emp_datagen.make import Made
from emp_datagen.make.columns import columns, prompt, reply

KIND = "pair"


async def make(plan: Plan, case: Case, crew: Crew) -> Made:
    """One row by ``pair.schema.json``, or the reason why there is none."""
    moment = (await converse(plan, case, crew.say, crew.reply, crew.read))[-1]
    if not crew.spec.judged:
        good, bad = await _two_texts(plan, moment, crew)
        if length_ratio(good, bad) > crew.spec.rule.max_length_ratio:
            return Made(dropped="length", error=case.error)
        return Made([await _row(plan, moment, crew, (good, bad, case.error), None)])
    drawn = await candidates(plan, moment, crew)
    found = select(drawn, crew.spec.rule)
    if isinstance(found, Dropped):
        return Made(dropped=found.reason, error=case.error, agrees=_agreement(drawn))
    texts = (found.chosen.text, found.rejected.text, found.rejected.error)
    row = await _row(plan, moment, crew, texts, _scores(found))
    return Made([row], error=found.rejected.error, agrees=_agreement(drawn))


async def candidates(plan: Plan, moment: Moment, crew: Crew) -> list[Candidate]:
    """Judged replies: a good one and one in error, or as many of both as the judge chooses from."""
    spec = crew.spec
    if spec.rule.select == "label":
        good, bad = await _two_texts(plan, moment, crew)
        return await judged(moment, crew, [(good, ""), (bad, moment.case.error)])
    half = max(spec.candidates // 2, 1)
    styles = list(plan.loaded_bank.styles) or [""]
    rng = random.Random(f"{moment.case.id}:candidates")
    names = other_errors(plan, moment.risk, moment.case.error)
    errors = [moment.case.error, *rng.sample(names, min(len(names), spec.candidates))]
    orders = [moment.order(plan, therapist=styles[i % len(styles)]) for i in range(half)]
    orders += [moment.order(plan, error=e) for e in errors[: max(spec.candidates - half, 1)]]
    texts = await asyncio.gather(*(crew.reply(order) for order in orders))
    named = [(text, order.error) for text, order in zip(texts, orders, strict=True)]
    return await judged(moment, crew, named)


async def judged(moment: Moment, crew: Crew, named: list[tuple[str, str]]) -> list[Candidate]:
    """Replies with what the judges say of them.

    Args:
        moment: What they answer.
        crew: Has the judge.
        named: Each reply with its clinical error, empty for a good one.

    Returns:
        The candidates, in order.
    """
    items = [Item(moment.messages, text, moment.risk, moment.state) for text, _ in named]
    found = await asyncio.gather(*map(crew.judge, items))
    return [Candidate(text, j, error) for (text, error), j in zip(named, found, strict=True)]


async def _two_texts(plan: Plan, moment: Moment, crew: Crew) -> tuple[str, str]:
    good = await crew.reply(moment.order(plan))
    if crew.spec.revise:
        draft = moment.order(plan, role="critique", draft=good)
        critique = await crew.reply(draft)
        good = await crew.reply(moment.order(plan, role="revise", draft=good, critique=critique))
    words = len(good.split())
    bad = await crew.reply(moment.order(plan, error=moment.case.error, words=words))
    return good, bad


async def _row(
    plan: Plan,
    moment: Moment,
    crew: Crew,
    texts: tuple[str, str, str],
    scores: dict[str, Any] | None,
) -> dict[str, Any]:
    good, bad, error = texts
    assert crew.therapist is not None
    more = {}
    if crew.spec.critique:
        order = moment.order(plan, role="critique", draft=bad, error=error)
        more["critique"] = await crew.reply(order)
    return {
        "id": moment.case.id,
        "prompt": prompt(plan, moment),
        "chosen": reply(plan, moment, good),
        "rejected": reply(plan, moment, bad, error),
        **more,
        **columns(plan, moment, error=error or None, scores=scores, teacher=crew.therapist.name),
    }


def _scores(pair: Pair) -> dict[str, Any]:
    return {
        "chosen": pair.chosen.judged.to_row(),
        "rejected": pair.rejected.judged.to_row(),
        "margin": round(pair.margin, 4) + 0.0,
    }


def _agreement(drawn: list[Candidate]) -> bool:
    """Whether the judges agree with the labels of the first good reply and the first error."""
    good = next(one for one in drawn if not one.error)
    bad = next(one for one in drawn if one.error)
    return agrees(Pair(good, bad))
