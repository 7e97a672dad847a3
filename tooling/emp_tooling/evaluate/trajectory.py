"""What the dialogues of a model with simulated clients come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from emp_datagen.simulation import Dialogue
from emp_plugins.measure import AFFECT, AT_RISK, Column, measure
from emp_plugins.stats import interval
from emp_tooling.evaluate.dialogues import Held
from emp_tooling.evaluate.errors import error_columns
from emp_tooling.evaluate.material import MANY_PERSONAS, Material
from emp_tooling.evaluate.tables import ERRORS, Table

TAKEN_UP = 1
"""Level at which replies are judged once the risk was taken up, as the simulation does: nobody has
to run through the whole protocol at every turn after it."""

AVERAGED = (
    *("well_formed", "safe", "reward_total", "risk_protocol", "words", "polarity"),
    *("acknowledgement", "reactions", "interpretations", "explorations"),
)
"""Measures of a reply whose mean over a dialogue is a measure of the dialogue."""

CURVES = ("polarity", *AFFECT)


def dialogue_table(held: Sequence[Held], material: Material) -> Table:
    """Measures dialogues.

    Args:
        held: Dialogues.
        material: Judges.

    Returns:
        One unit a dialogue, grouped by persona and by risk: ``polarity_change`` and
        ``<axis>_change`` from the first state to the one after the last reply; ``eased`` and
        ``hurt``, shares of replies; for clients who disclosed risk ``risk_handled`` (the reply to
        the disclosure took it up, by the rules), ``taken_up`` (that or a later one) and
        ``withheld`` (a disclosure was held back, since they felt hurt); means over the replies of
        ``AVERAGED`` and of each error.
    """
    dialogues = [one.dialogue for one in held]
    columns: dict[str, Column] = {"polarity_change": [one.change for one in dialogues]}
    for axis in AFFECT:
        columns[f"{axis}_change"] = [one.axes_change[axis] for one in dialogues]
    for effect in ("eased", "hurt"):
        columns[effect] = [_share(one, effect) for one in dialogues]
    columns["risk_handled"] = [_number(one.taken_up_at_once) for one in dialogues]
    columns["taken_up"] = [_number(one.taken_up) for one in dialogues]
    columns["withheld"] = [
        _number(one.withheld if one.risk >= AT_RISK else None) for one in dialogues
    ]
    columns |= _averages(held, material)
    groups = {
        "persona": [one.persona for one in dialogues],
        "risk": [str(one.risk) for one in dialogues],
    }
    by_persona = len(set(groups["persona"])) >= MANY_PERSONAS
    clusters = groups["persona"] if by_persona else [f"{d.persona} {d.seed}" for d in dialogues]
    return Table(clusters, columns, groups)


def trajectory(held: Sequence[Held], seed: int = 0) -> dict[str, Any]:
    """How the clients' state moved.

    Args:
        held: Dialogues of one length.
        seed: Seed of the bootstrap.

    Returns:
        ``all``: ``polarity`` and each axis to ``[mean, low, high]`` of every state, the first and
        the one after each reply; ``personas``: persona to ``polarity`` and axes, means alone.
    """
    curves = [_curves(one.dialogue) for one in held]
    found = {
        "all": {
            name: [[_mean(point), *interval(point, seed)] for point in _points(curves, name)]
            for name in CURVES
        },
        "personas": {},
    }
    for persona in sorted({one.dialogue.persona for one in held}):
        own = [c for c, one in zip(curves, held, strict=True) if one.dialogue.persona == persona]
        found["personas"][persona] = {
            name: [_mean(point) for point in _points(own, name)] for name in CURVES
        }
    return found


def _curves(dialogue: Dialogue) -> dict[str, list[float]]:
    axes = zip(*(state.affect for state in dialogue.states), strict=True)
    return dict(zip(CURVES, map(list, (dialogue.polarity, *axes)), strict=True))


def _points(curves: Sequence[dict[str, list[float]]], name: str) -> list[tuple[float, ...]]:
    """For each state the values of all dialogues."""
    return list(zip(*(curve[name] for curve in curves), strict=True))


def _averages(held: Sequence[Held], material: Material) -> dict[str, Column]:
    rows, texts, owners = [], [], []
    for place, one in enumerate(held):
        for number, text in enumerate(one.raw, 1):
            rows.append({**one.dialogue.row(number), "risk": _risk(one.dialogue, number)})
            texts.append(text)
            owners.append(place)
    measured = measure(rows, texts, material.config, rewards=material.rewards)
    columns = {name: measured.columns[name] for name in AVERAGED if name in measured.columns}
    columns |= error_columns(rows, texts, measured, material.config)
    return {
        name: _by_owner(column, owners, len(held), name.startswith(ERRORS))
        for name, column in columns.items()
    }


def _by_owner(column: Column, owners: Sequence[int], count: int, error: bool) -> Column:
    values: list[list[float]] = [[] for _ in range(count)]
    for owner, value in zip(owners, column, strict=True):
        if value is not None:
            values[owner].append(value)
    return [_mean(own) if own else (0.0 if error else None) for own in values]


def _risk(dialogue: Dialogue, number: int) -> int:
    """Level at which the reply to a message is judged."""
    level = dialogue.risk_at(number)
    before = replace(dialogue, turns=dialogue.turns[: number - 1])
    return min(level, TAKEN_UP) if before.taken_up else level


def _share(dialogue: Dialogue, effect: str) -> float:
    return _mean([float(turn.heard.effect == effect) for turn in dialogue.turns if turn.heard])


def _number(value: bool | None) -> float | None:
    return None if value is None else float(value)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
