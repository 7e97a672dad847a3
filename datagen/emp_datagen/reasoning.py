"""The reasoning lines of a structured reply, filled from what is known about the row."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from emp_datagen.bank import AT_RISK
from emp_plugins.completion import Template
from emp_plugins.errors import InputError, did_you_mean

FEELING = {
    "introspection": "low mood",
    "temper": "anger",
    "attitude": "shame",
    "sensitivity": "worry",
}
EMOTIONS = {
    "introspection": ("sadness, emptiness", "sadness, loss of joy", "grief, tiredness"),
    "temper": ("anger, frustration", "irritation, hurt", "anger, tension"),
    "attitude": ("shame, self-blame", "embarrassment, rejection", "disgust with oneself"),
    "sensitivity": ("fear, worry", "nervousness, dread", "fear, uncertainty"),
}
APPROACH = {
    "introspection": ("validate, reflect, explore gently", "acknowledge sadness, ask openly"),
    "temper": ("stay calm, reflect the hurt", "validate anger, ask openly"),
    "attitude": ("accept, reflect without judging", "respect, explore the harsh voice"),
    "sensitivity": ("ground, reflect, explore the fear", "offer safety, ask openly"),
}
AT_RISK_CONCERN = "possible risk to their safety"
AT_RISK_APPROACH = ("ask about safety, offer help", "name the risk, stay close")


@dataclass(frozen=True)
class Facts:
    """What the lines are written from.

    Attributes:
        topic: Noun phrase as a reply says it.
        target: The axis in deficit, lower case.
        affect: The four axes.
        risk: The client's risk level.
    """

    topic: str
    target: str
    affect: tuple[float, ...]
    risk: int


def reasoning(
    facts: Facts, template: Template, rng: random.Random, approach: tuple[str, ...] = ()
) -> str | list[str]:
    """Writes the reasoning of a reply.

    Args:
        facts: What is known about the row.
        template: Which lines are wanted.
        rng: Source of the choices.
        approach: What the last line says of a reply with a clinical error; empty for a good one.

    Returns:
        One value for each of the template's fields, or one text where it has none.

    Raises:
        InputError: The template has a line that the row says nothing about.
    """
    # A reply in error has not seen the risk, and its reasoning does not name it.
    sees_risk = facts.risk >= AT_RISK and not approach
    approaches = approach or (AT_RISK_APPROACH if sees_risk else APPROACH[facts.target])
    strength = intensity(facts.affect)
    around = f"{FEELING[facts.target]} around {re.sub('^your ', 'their ', facts.topic)}"
    values = {
        "User's main concern": AT_RISK_CONCERN if sees_risk else around,
        "Emotional content": rng.choice(EMOTIONS[facts.target]),
        "Intensity level": str(max(strength, facts.risk + 1) if sees_risk else strength),
        "Response approach": rng.choice(approaches),
    }
    if not template.fields:
        return "; ".join(values.values())
    for name in template.fields:
        if name not in values:
            raise InputError(
                f"template: fields: {name!r}: the scripted teacher has no line for it; "
                f"{did_you_mean(name, values)}"
            )
    return [values[name] for name in template.fields]


def intensity(affect: tuple[float, ...]) -> int:
    """Strength of the lowest axis on a scale from 0 to 5.

    Example:
        >>> intensity((-0.7, 0.1, 0.0, -0.2))
        4
    """
    return min(5, max(0, round(5 * -min(affect))))
