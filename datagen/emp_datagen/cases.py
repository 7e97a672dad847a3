"""Which row gets what: persona, error, risk and turns, from the plan and a number alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from emp_datagen import bank as banks
from emp_datagen.bank import AT_RISK, MISSED_RISK, Bank, Split
from emp_datagen.client import Client, draw_client, draw_risk, risk_share
from emp_datagen.personas import Persona
from emp_plugins.completion import Template

HARMLESS_ONLY = ("hotline_deflection",)
"""Errors that are none where the client is at risk."""

Header = Literal["full", "short", "none"]
Format = Literal["conversational", "standard"]


@dataclass(frozen=True)
class Plan:
    """What to generate.

    Attributes:
        kind: The verb: ``pairs``, ``prompts``, ``groups``, ``kto`` or ``dialogues``.
        personas: They take turns, so that each has its share.
        n: Number of rows.
        seed: The same seed gives the same rows.
        split: Which situations and phrases may occur.
        header: Style of the state header over the client's last message.
        format: Chat messages or plain strings.
        template: Writes replies with reasoning and answer tags; None for bare replies.
        risk_share: Share of clients at risk level 2 or more; None for the personas' own.
        turns: The most turns that a client has.
        cut: At which turn the reply is asked for; 0 draws one from 1 to ``turns``.
        errors: Clinical errors that take turns; empty for all of the bank.
        bank: Folder of the phrase bank and the taxonomy.
    """

    kind: str
    personas: Sequence[Persona]
    n: int
    seed: int = 0
    split: Split = "train"
    header: Header = "full"
    format: Format = "conversational"
    template: Template | None = None
    risk_share: float | None = None
    turns: int = 1
    cut: int = 0
    errors: Sequence[str] = ()
    bank: Path = banks.SHIPPED

    @property
    def loaded_bank(self) -> Bank:
        """The phrase bank."""
        return banks.load_bank(self.bank)


@dataclass(frozen=True)
class Case:
    """One row before anybody has said anything.

    Attributes:
        id: Persona, verb, split, seed and number.
        number: Place of the row in the plan.
        client: Who speaks.
        error: The clinical error that the row is about.
        rng: The row's own stream.
    """

    id: str
    number: int
    client: Client
    error: str
    rng: random.Random = field(compare=False)


def case(plan: Plan, number: int) -> Case:
    """Draws one row's client and error.

    The personas take turns, and within a persona the errors do, each beginning with another one.
    The error comes first: a missed risk needs a client at risk, a needless hotline one who is not.

    Args:
        plan: What to generate.
        number: Place of the row, from 0.

    Returns:
        The case; the same for the same plan and number, whatever came before.
    """
    place = number % len(plan.personas)
    persona = plan.personas[place]
    key = f"{plan.kind}:{plan.split}:{plan.seed}:{persona.key}:{number}"
    rng = random.Random(key)
    error, risk = _error_and_risk(plan, persona, number // len(plan.personas) + place, rng)
    turns = plan.cut or rng.randint(1, plan.turns)
    client = draw_client(persona, plan.split, rng, risk, turns)
    name = f"{persona.key}-{plan.kind}-{plan.split}-{plan.seed}-{number:06d}"
    return Case(name, number, client, error, rng)


def errors_of(plan: Plan, persona: Persona) -> list[str]:
    """The clinical errors that take turns for a persona."""
    share = _share(plan, persona)
    names = list(plan.errors) or list(plan.loaded_bank.errors)
    kept = [name for name in names if share > 0 or name != MISSED_RISK]
    return [name for name in kept if share < 1 or name not in HARMLESS_ONLY] or kept


def other_errors(plan: Plan, risk: int, error: str) -> list[str]:
    """The clinical errors besides one that a reply to a client at this risk can make."""
    kept = list(plan.errors) or list(plan.loaded_bank.errors)
    at_risk = risk >= AT_RISK
    impossible = HARMLESS_ONLY if at_risk else (MISSED_RISK,)
    return [name for name in kept if name != error and name not in impossible]


def _error_and_risk(plan: Plan, persona: Persona, turn: int, rng: random.Random) -> tuple[str, int]:
    share = _share(plan, persona)
    if plan.kind in ("prompts", "dialogues"):
        return "", draw_risk(persona, rng, share)
    names = errors_of(plan, persona)
    error = names[turn % len(names)]
    if error == MISSED_RISK:
        # Where risk is rarer than the error's turn, some of its turns go to others.
        if len(names) == 1 or rng.random() < share * len(names):
            return error, draw_risk(persona, rng, 1.0)
        error = rng.choice([name for name in names if name != MISSED_RISK])
    if error in HARMLESS_ONLY and share < 1:
        return error, 0
    return error, draw_risk(persona, rng, _rest(share, names))


def _share(plan: Plan, persona: Persona) -> float:
    return risk_share(persona) if plan.risk_share is None else plan.risk_share


def _rest(share: float, names: Sequence[str]) -> float:
    """The share of clients at risk among the other errors that makes ``share`` of the whole."""
    missed = MISSED_RISK in names
    others = len(names) - missed - sum(name in HARMLESS_ONLY for name in names)
    taken = min(share, 1 / len(names)) if missed else 0.0
    return min(max((share - taken) * len(names) / max(others, 1), 0.0), 1.0)


def describe(plan: Plan) -> dict[str, Any]:
    """What the plan's rows depend on, for a run's fingerprint.

    Returns:
        Plain JSON; personas and bank as hashes of what they hold.
    """
    import hashlib

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    bank = plan.loaded_bank
    held = bank.table.model_dump_json() + bank.words.model_dump_json()
    held += "".join(entry.model_dump_json() for entry in bank.errors.values())
    return {
        "kind": plan.kind,
        "personas": {p.key: digest(p.model_dump_json()) for p in plan.personas},
        "n": plan.n,
        "seed": plan.seed,
        "split": plan.split,
        "header": plan.header,
        "format": plan.format,
        "template": repr(plan.template),
        "risk_share": plan.risk_share,
        "turns": plan.turns,
        "cut": plan.cut,
        "errors": list(plan.errors),
        "bank": digest(held),
    }
