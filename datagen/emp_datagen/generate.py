"""From personas and a seed to rows: clients, their state, the teacher's replies, their scores.

Rows come in batches, so that the judge and the teacher are asked once a batch. Each row has its own
random stream, named by what it is for, the split, the seed and its number.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, Literal

import numpy as np

from emp_datagen.bank import AT_RISK, MISSED_RISK, load_bank
from emp_datagen.client import Client, draw_client, draw_state, target_axis
from emp_datagen.personas import Persona, Split
from emp_datagen.reasoning import Facts, reasoning
from emp_plugins.affect import hourglass
from emp_plugins.affect.state import State, render
from emp_plugins.completion import Template

BATCH = 256
"""Rows that the judge and the teacher see at a time."""

REDRAWS = 20
"""How often a message that was already drawn is drawn anew before it is taken all the same."""

MISSED_SHARE = 0.75
"""Share of rejected replies to a client at risk that miss the risk."""

Header = Literal["full", "short", "none"]
Format = Literal["conversational", "standard"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What to generate.

    Attributes:
        personas: They take turns, so that each has its share.
        n: Number of rows.
        seed: The same seed gives the same rows.
        split: Which situations may occur.
        header: Style of the state header over the client's message.
        format: Chat messages or plain strings.
        template: Writes replies with reasoning and answer tags; None for bare replies.
        risk_share: Share of clients at risk level 2 or more; None for the personas' own.
    """

    personas: Sequence[Persona]
    n: int
    seed: int = 0
    split: Split = "train"
    header: Header = "full"
    format: Format = "conversational"
    template: Template | None = None
    risk_share: float | None = None


@dataclass(frozen=True)
class Case:
    """One row before any reply."""

    id: str
    seed: int
    client: Client
    state: State
    prompt: str
    rng: random.Random

    @property
    def target(self) -> str:
        """The axis in deficit."""
        return target_axis(self.state)


def prompts(plan: Plan) -> Iterator[Row]:
    """Rows for GRPO: what a client says and the state behind it.

    Args:
        plan: What to generate.

    Yields:
        Rows by ``prompt.schema.json``.
    """
    for cases in _cases(plan, "prompts"):
        for case in cases:
            yield {
                "id": case.id,
                "prompt": _said(plan, case.prompt, "user"),
                **_columns(case, error=None, scores=None, teacher="scripted"),
            }


def pairs(plan: Plan, teacher: Any) -> Iterator[Row]:
    """Rows for DPO: a good reply and one that makes a named clinical error.

    Args:
        plan: What to generate.
        teacher: A distilabel LLM that takes the scripted teacher's instructions.

    Yields:
        Rows by ``pair.schema.json``.
    """
    numbers = count()
    for cases in _cases(plan, "pairs"):
        errors = [_error(case, next(numbers) // len(plan.personas)) for case in cases]
        chosen = _ask(teacher, cases, [None] * len(cases))
        rejected = _ask(teacher, cases, errors)
        polarity = hourglass.polarity(_read([*chosen, *rejected])).round(4) + 0.0
        good, bad = polarity[: len(cases)].tolist(), polarity[len(cases) :].tolist()
        for row in zip(cases, errors, chosen, rejected, good, bad, strict=True):
            yield _pair(plan, teacher.model_name, *row)


def _pair(
    plan: Plan,
    teacher: str,
    case: Case,
    error: str,
    chosen: str,
    rejected: str,
    good: float,
    bad: float,
) -> Row:
    scores = {"chosen": {"polarity": good}, "rejected": {"polarity": bad}}
    return {
        "id": case.id,
        "prompt": _said(plan, case.prompt, "user"),
        "chosen": _said(plan, _structured(plan, case, chosen, ""), "assistant"),
        "rejected": _said(plan, _structured(plan, case, rejected, error), "assistant"),
        **_columns(case, error=error, scores=scores, teacher=teacher),
    }


def _columns(case: Case, error: str | None, scores: Row | None, teacher: str) -> Row:
    client = case.client
    return {
        "persona": client.persona.key,
        "diagnosis": client.persona.diagnosis,
        "severity": client.severity.name,
        "risk": client.risk,
        "turn": client.turn,
        "state": case.state.to_row(),
        "target": case.target,
        "error": error,
        "scores": scores,
        "teacher": teacher,
        "seed": case.seed,
    }


def _cases(plan: Plan, purpose: str) -> Iterator[list[Case]]:
    clients = _clients(plan, purpose)
    while drawn := list(islice(clients, BATCH)):
        read = _read([client.message for _, client, _ in drawn])
        yield [
            _case(plan, key, client, rng, dims)
            for (key, client, rng), dims in zip(drawn, read, strict=True)
        ]


def _case(plan: Plan, key: str, client: Client, rng: random.Random, dims: np.ndarray) -> Case:
    state = draw_state(client, dims.tolist(), rng)
    message = client.message
    prompt = message if plan.header == "none" else render(state, message, plan.header)
    return Case(key, plan.seed, client, state, prompt, rng)


def _clients(plan: Plan, purpose: str) -> Iterator[tuple[str, Client, random.Random]]:
    seen: set[tuple[str, str]] = set()
    for number in range(plan.n):
        persona = plan.personas[number % len(plan.personas)]
        rng = random.Random(f"{purpose}:{plan.split}:{plan.seed}:{persona.key}:{number}")
        for _ in range(REDRAWS):
            client = draw_client(persona, plan.split, rng, plan.risk_share)
            if (persona.key, client.message) not in seen:
                break
        seen.add((persona.key, client.message))
        yield f"{persona.key}-{purpose}-{plan.split}-{plan.seed}-{number:06d}", client, rng


def _error(case: Case, number: int) -> str:
    if case.client.risk >= AT_RISK and case.rng.random() < MISSED_SHARE:
        return MISSED_RISK
    others = [name for name in load_bank().errors if name != MISSED_RISK]
    return others[number % len(others)]


def _ask(teacher: Any, cases: Sequence[Case], errors: Sequence[str | None]) -> list[str]:
    from emp_datagen.teachers.scripted import write_instruction

    orders = [
        {
            "persona": case.client.persona.key,
            "state": case.state.to_row(),
            "target": case.target,
            "topic": case.client.situation.topic,
            "risk": case.client.risk,
            "error": error,
            "style": case.client.style,
            "seed": case.id,
        }
        for case, error in zip(cases, errors, strict=True)
    ]
    inputs = [write_instruction(order, c.prompt) for order, c in zip(orders, cases, strict=True)]
    return [output["generations"][0] for output in teacher.generate_outputs(inputs=inputs)]


def _structured(plan: Plan, case: Case, reply: str, error: str) -> str:
    if plan.template is None:
        return reply
    facts = Facts(case.client.situation.topic, case.target, case.state.affect, case.client.risk)
    return plan.template.render(reasoning(facts, plan.template, case.rng, error), reply)


def _said(plan: Plan, text: str, role: str) -> str | list[dict[str, str]]:
    return text if plan.format == "standard" else [{"role": role, "content": text}]


def _read(texts: Sequence[str]) -> np.ndarray:
    from emp_plugins import judges

    return hourglass.dimensions(judges.load("emotion").score(texts))
