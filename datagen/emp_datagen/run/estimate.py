"""What a run with a language model as teacher will ask for, before it asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from emp_datagen.cases import Case, Plan, case
from emp_datagen.crew import CrewSpec
from emp_datagen.run.work import Prices
from emp_plugins.errors import InputError

SAMPLE = 20
"""Cases whose prompts are written for the estimate."""

CHARS_PER_TOKEN = 4
"""Of English text, about."""

REPLY_TOKENS = 110
"""Of one reply, about."""


@dataclass(frozen=True)
class Estimate:
    """Calls and tokens of a whole run, without repeated requests and dropped rows."""

    calls: int
    tokens_in: int
    tokens_out: int

    def cost(self, prices: Prices) -> float:
        """By the prices given."""
        return (self.tokens_in * prices.tokens_in + self.tokens_out * prices.tokens_out) / 1e6


def announce(plan: Plan, spec: CrewSpec, prices: Prices) -> None:
    """Shows the estimate of a run that calls models, and refuses one that is too dear.

    Raises:
        InputError: It costs more than ``--max-cost``.
    """
    if all(name in ("", "scripted") for name in (spec.teacher, spec.client)):
        return
    found = estimate(plan, spec)
    cost = found.cost(prices)
    line = (
        f"about {found.calls:,} calls, {found.tokens_in:,} tokens in, {found.tokens_out:,} out"
        + (f", {cost:.2f} by the prices given" if prices.tokens_in or prices.tokens_out else "")
    )
    click.echo(line, err=True)
    if prices.most and cost > prices.most:
        raise InputError(f"--max-cost {prices.most:g}: the run would cost about {cost:.2f}")


def estimate(plan: Plan, spec: CrewSpec) -> Estimate:
    """Counts the calls of some cases and scales them up.

    Args:
        plan: What is generated.
        spec: Who works on it.

    Returns:
        Calls and tokens of the whole run; a reply counts as ``REPLY_TOKENS`` tokens.
    """
    sample = [case(plan, number) for number in range(min(SAMPLE, plan.n))]
    calls = [size for one in sample for size in _calls(plan, spec, one)]
    scale = plan.n / len(sample)
    return Estimate(
        round(len(calls) * scale),
        round(sum(calls) * scale),
        round(len(calls) * min(REPLY_TOKENS, spec.settings.max_tokens) * scale),
    )


def _calls(plan: Plan, spec: CrewSpec, drawn: Case) -> Iterator[int]:
    """Tokens sent in each call of one case."""
    from emp_datagen.teachers import prompts

    write = prompts.load(spec.settings).write
    played = spec.client or spec.teacher
    said = 0
    for number, turn in enumerate(drawn.client.turns, 1):
        if played not in ("", "scripted"):
            yield _tokens(write, plan, drawn, role="client", draft=turn.text) + said
        said += len(turn.text) // CHARS_PER_TOKEN
        last = number == len(drawn.client.turns)
        replies = _replies(plan, spec) if last else 1
        if spec.teacher not in ("", "scripted"):
            for _ in range(replies):
                yield _tokens(write, plan, drawn, role="therapist", error=drawn.error) + said
        said += REPLY_TOKENS


def _replies(plan: Plan, spec: CrewSpec) -> int:
    if plan.kind == "prompts":
        return 0
    if plan.kind == "dialogues":
        return 1
    if plan.kind == "groups" or spec.rule.select == "judge":
        return spec.candidates
    return 2 + 2 * spec.revise + spec.critique


def _tokens(write: Any, plan: Plan, drawn: Case, **fields: Any) -> int:
    from emp_datagen.client import state_after, target_axis
    from emp_datagen.teachers.order import Order

    client = drawn.client
    state = state_after(client, [[0.0] * 4])
    order = Order(
        persona=client.persona.key,
        state=state,
        target=target_axis(state),
        topic=client.situation.topic,
        risk=client.risk,
        style=client.style,
        split=plan.split,
        seed=drawn.id,
        **fields,
    )
    return sum(len(message["content"]) for message in write(order)) // CHARS_PER_TOKEN
