"""The client's side: a message composed from a persona, and the state that goes with it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from emp_datagen.personas import Communication, Demographics, Persona, Severity, Situation, Split
from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.state import State

READ_SHARE = 0.3
"""Share of the judge's reading of the message in the affect; the rest is the persona's."""

SITUATION_SHIFT = 0.5
"""How much a situation lowers the axis that it touches most."""

MAX_TURN = 4
"""The last turn of a session that is drawn."""


@dataclass(frozen=True)
class Client:
    """One client and what they say.

    Attributes:
        persona: The profile.
        situation: What happened.
        severity: Degree of the disorder.
        user: u_t: diagnosis, severity, age, gender, occupation and home, as text.
        style: How they talk.
        risk: Level of the risk disclosed, 0 to 4.
        turn: How many turns they have had, this one included.
        message: What they say.
    """

    persona: Persona
    situation: Situation
    severity: Severity
    user: dict[str, str]
    style: str
    risk: int
    turn: int
    message: str


def draw_client(
    persona: Persona, split: Split, rng: random.Random, risk_share: float | None = None
) -> Client:
    """Draws a client of a persona and composes their message.

    One to three sentences: the situation always, a disclosure where risk is drawn, and symptoms,
    automatic thoughts, openers and closers by the way they talk.

    Args:
        persona: The profile.
        split: Which of its situations may occur.
        rng: Source of the choices.
        risk_share: Share of clients at risk level 2 or more; None for the persona's own.

    Returns:
        The client.
    """
    situation = rng.choice(persona.situations_of(split))
    person = rng.choice(persona.people(situation))
    severity = rng.choices(persona.severities, [s.weight for s in persona.severities])[0]
    talk = rng.choices(persona.communication, [c.weight for c in persona.communication])[0]
    risk = rng.choices(range(5), _risk_weights(persona.risk.weights, risk_share))[0]
    return Client(
        persona=persona,
        situation=situation,
        severity=severity,
        user=_user(persona, severity, person, rng),
        style=talk.style,
        risk=risk,
        turn=rng.randint(1, MAX_TURN),
        message=_message(persona, situation, talk, risk, rng),
    )


def _risk_weights(weights: Sequence[float], share: float | None) -> list[float]:
    """The weights with levels 2 to 4 scaled to ``share`` of the whole, where there are any."""
    low, high = sum(weights[:2]), sum(weights[2:])
    if share is None or not low or not high:
        return list(weights)
    scaled = [(1 - share) * weight / low for weight in weights[:2]]
    return scaled + [share * weight / high for weight in weights[2:]]


def draw_state(client: Client, read: Sequence[float], rng: random.Random) -> State:
    """Draws the state after the client's message.

    e_t is 0.7 of the persona's usual affect (its mean with normal noise, moved by the severity and
    lowered on the axis of the situation) and 0.3 of what the emotion judge reads in the message,
    each clipped to [-1, 1]. h_t is a short random walk that ends at the polarity of e_t.

    Args:
        client: Who speaks.
        read: The judge's four axes for the message.
        rng: Source of the noise.

    Returns:
        The state; numbers have two decimals, so that the header shows them as they are.
    """
    usual = client.persona.affect
    lowered = [axis.lower() for axis in AXES].index(client.situation.axis)
    affect = []
    for axis, (mean, sd, seen) in enumerate(zip(usual.mean, usual.sd, read, strict=True)):
        own = rng.gauss(mean, sd) + client.severity.shift - SITUATION_SHIFT * (axis == lowered)
        affect.append(_two((1 - READ_SHARE) * _clip(own) + READ_SHARE * _clip(float(seen))))
    return State(client.user, _history(client.turn, affect, rng), tuple(affect))


def target_axis(state: State) -> str:
    """The axis in deficit, lower case; the first one where several are equally low."""
    return AXES[state.affect.index(min(state.affect))].lower()


def _history(turn: int, affect: Sequence[float], rng: random.Random) -> tuple[float, ...]:
    from emp_plugins.affect.hourglass import polarity

    now = _clip(float(polarity([affect])[0]))
    drift = rng.gauss(0, 0.12)
    past = [_two(_clip(now - drift * back + rng.gauss(0, 0.05))) for back in range(turn - 1, 0, -1)]
    return (*past, _two(now))


def _user(
    persona: Persona, severity: Severity, person: Demographics, rng: random.Random
) -> dict[str, str]:
    return {
        "diagnosis": persona.diagnosis,
        "severity": severity.name,
        "age": str(rng.randint(*person.age)),
        "gender": rng.choice(person.gender),
        "occupation": person.occupation,
        "home": person.home,
    }


def _message(
    persona: Persona, situation: Situation, talk: Communication, risk: int, rng: random.Random
) -> str:
    before, after = [], []
    disclosure = [rng.choice(persona.risk.disclosures[risk])] if risk else []
    room = rng.randint(*talk.sentences) - 1 - len(disclosure)
    frames = [(before, talk.openers), (after, talk.closers)]
    for place, options in rng.sample(frames, 2):
        if options and room > 0 and rng.random() < 0.35:
            place.append(rng.choice(options))
            room -= 1
    inner = [persona.symptoms, [thought.text for thought in persona.thoughts]]
    extras = [rng.choice(options) for options in rng.sample(inner, 2)[: max(room, 0)]]
    middle = [situation.text, *extras]
    if rng.random() < 0.2:
        middle.reverse()
    return " ".join([*before, *middle, *disclosure, *after])


def _clip(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _two(value: float) -> float:
    # Adding 0.0 turns -0.0 into 0.0, which is written differently.
    return round(value, 2) + 0.0
