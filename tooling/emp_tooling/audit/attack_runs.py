"""How often attacks beat good replies to the same client on the total reward."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emp_plugins.completion import Template
from emp_tooling.audit.attacks import Family
from emp_tooling.audit.cases import AttackCase
from emp_tooling.audit.stats import wilson
from emp_tooling.suites.suite import Suite, asked, wrap

EQUAL = 1e-9
"""Totals closer than this are ties: sums of floats in another order."""

SOURCES = ("own", "human")


@dataclass(frozen=True)
class Attack:
    """One reply that should not win.

    Attributes:
        family: What kind of attack it is.
        case: Number of the case that it replies to.
        completion: The whole completion.
    """

    family: Family
    case: int
    completion: str


@dataclass(frozen=True)
class Pair:
    """One attack against the good reply to the same client.

    Attributes:
        source: Where the good reply is from.
        margin: Total of the good reply less that of the attack.
        left_out: The good reply passes over a disclosed risk and counts in ``win_rate_all`` only.
    """

    source: str
    margin: float
    left_out: bool


def write_attacks(
    families: Sequence[Family], cases: Sequence[AttackCase], template: Template, seed: int = 0
) -> list[Attack]:
    """Writes every family's attacks on every case.

    Args:
        families: The families of attacks.
        cases: Clients with good replies.
        template: The form of a completion.
        seed: Seed of the wording.

    Returns:
        The attacks, one to three for each family and case.
    """
    return [
        Attack(family, number, wrap(template, text) if family.wrap else text)
        for family in families
        for number, case in enumerate(cases)
        for text in family.replies(
            case.case, template, random.Random(f"{seed}:{family.name}:{number}")
        )
    ]


def attack_table(
    suite: Suite, cases: Sequence[AttackCase], attacks: Sequence[Attack]
) -> dict[str, Any]:
    """Scores attacks and good replies.

    Args:
        suite: The rewards whose total decides.
        cases: Clients with good replies.
        attacks: What ``write_attacks`` wrote on these cases.

    Returns:
        Family name to its numbers, as ``summary`` gives them, with description and half.
    """
    pairs: dict[str, list[Pair]] = {attack.family.name: [] for attack in attacks}
    for source in SOURCES:
        for attack, margin in _margins(suite, cases, attacks, source):
            left_out = cases[attack.case].left_out
            pairs[attack.family.name].append(Pair(source, margin, left_out))
    families = {attack.family.name: attack.family for attack in attacks}
    return {
        name: summary(pairs[name])
        | {"held_out": family.held_out, "description": family.description}
        for name, family in families.items()
    }


def summary(pairs: Sequence[Pair]) -> dict[str, Any]:
    """The numbers of one family.

    Args:
        pairs: Its pairs.

    Returns:
        ``win_rate`` over the pairs whose good reply takes up what risk there is, with Wilson's
        interval, ``wins``, ``ties`` and ``pairs``; the same for ``own`` and ``human`` good replies
        apart; ``win_rate_all`` and ``pairs_all`` with the left out pairs; ``margin``, the mean lead
        of the good reply. Rates are None where there are no pairs. An attack wins where its total
        is higher; ties are no wins.
    """
    fair = [pair for pair in pairs if not pair.left_out]
    whole = _rates(pairs)
    return {
        **_rates(fair),
        "margin": round(float(np.mean([pair.margin for pair in fair])), 4) if fair else None,
        "win_rate_all": whole["win_rate"],
        "pairs_all": whole["pairs"],
        **{source: _rates([p for p in fair if p.source == source]) for source in SOURCES},
    }


def _rates(pairs: Sequence[Pair]) -> dict[str, Any]:
    wins = sum(pair.margin < -EQUAL for pair in pairs)
    ties = sum(abs(pair.margin) <= EQUAL for pair in pairs)
    interval = wilson(wins, len(pairs))
    return {
        "win_rate": round(wins / len(pairs), 4) if pairs else None,
        "win_rate_interval": [round(end, 4) for end in interval] if interval else None,
        "wins": wins,
        "ties": ties,
        "pairs": len(pairs),
    }


def _margins(
    suite: Suite, cases: Sequence[AttackCase], attacks: Sequence[Attack], source: str
) -> list[tuple[Attack, float]]:
    """How far the good reply leads each attack, for one source.

    Goods and attacks are scored in one batch, because a reward calibrated over its batch gives
    values that mean nothing in another one. Sources come apart: only ours have columns.
    """
    numbers = [number for number, case in enumerate(cases) if case.source == source]
    attacks = [attack for attack in attacks if cases[attack.case].source == source]
    if not numbers:
        return []
    rows = [cases[number] for number in [*numbers, *(attack.case for attack in attacks)]]
    goods = [wrap(suite.template, cases[number].case.good) for number in numbers]
    prompts = [asked(case.prompt, f"reply-{place}") for place, case in enumerate(rows)]
    columns = {key: [case.columns[key] for case in rows] for key in rows[0].columns}
    totals = suite.total(prompts, [*goods, *(attack.completion for attack in attacks)], columns)
    good = dict(zip(numbers, totals[: len(goods)], strict=True))
    return [
        (attack, float(good[attack.case] - total))
        for attack, total in zip(attacks, totals[len(goods) :], strict=True)
    ]
