"""The client: who they are and what they feel, drawn from a persona."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from emp_datagen.personas import Persona, Split
from emp_datagen.personas.model import Demographics, Severity, Situation
from emp_datagen.utterances import Turn, speak
from emp_plugins.affect.hourglass import AXES, polarity
from emp_plugins.affect.state import State

READ_SHARE = 0.3
"""Share of the judge's reading of the message in the affect; the rest is the persona's."""

SITUATION_SHIFT = 0.5
"""How much a situation lowers the axis that it touches most."""

EASED = 0.06
"""How much a good reply lifts the axis in deficit until the next turn."""

PAST = 3
"""The most earlier sessions whose polarity stands in the history."""


@dataclass(frozen=True)
class Client:
    """One client and what they are going to say.

    Attributes:
        persona: The profile.
        situation: What happened.
        severity: Degree of the disorder.
        user: u_t: diagnosis, severity, age, gender, occupation and home, as text.
        style: How they talk.
        turns: Their messages, in order.
        own: Affect that the persona brings, four axes.
        past: Polarity of earlier sessions, oldest first.
    """

    persona: Persona
    situation: Situation
    severity: Severity
    user: dict[str, str]
    style: str
    turns: tuple[Turn, ...]
    own: tuple[float, ...]
    past: tuple[float, ...]

    @property
    def risk(self) -> int:
        """The gravest level disclosed in any turn: risk once disclosed stays."""
        return max(turn.risk for turn in self.turns)


def draw_client(
    persona: Persona, split: Split, rng: random.Random, risk: int = 0, turns: int = 1
) -> Client:
    """Draws a client of a persona and composes their messages.

    The first message is the situation, with symptoms, automatic thoughts, openers and closers by
    the way they talk; later ones react to the reply and go deeper. A risk is disclosed in one of
    them.

    Args:
        persona: The profile.
        split: Which of its situations may occur.
        rng: Source of the choices.
        risk: The level of risk that they disclose.
        turns: How many messages they have.

    Returns:
        The client.
    """
    situation = rng.choice(persona.situations_of(split))
    person = rng.choice(persona.people(situation))
    severity = rng.choices(persona.severities, [s.weight for s in persona.severities])[0]
    talk = rng.choices(persona.communication, [c.weight for c in persona.communication])[0]
    own = _own_affect(persona, severity, situation, rng)
    return Client(
        persona=persona,
        situation=situation,
        severity=severity,
        user=_user(persona, severity, person, rng),
        style=talk.style,
        turns=tuple(speak(persona, situation, talk, risk, turns, rng)),
        own=own,
        past=_past(own, rng),
    )


def draw_risk(persona: Persona, rng: random.Random, share: float | None = None) -> int:
    """Draws a level of risk.

    Args:
        persona: Says how often each level occurs.
        rng: Source of the choice.
        share: Share of levels 2 to 4, where the persona has any; None for its own.

    Returns:
        0 to 4.
    """
    weights = persona.risk.weights
    low, high = sum(weights[:2]), sum(weights[2:])
    if share is not None and low and high:
        weights = [(1 - share) * weight / low for weight in weights[:2]] + [
            share * weight / high for weight in weights[2:]
        ]
    return rng.choices(range(5), weights)[0]


def risk_share(persona: Persona) -> float:
    """The persona's own share of clients at risk level 2 or more."""
    return sum(persona.risk.weights[2:]) / sum(persona.risk.weights)


def state_after(client: Client, read: Sequence[Sequence[float]]) -> State:
    """The state after some of the client's turns.

    e_t is 0.7 of the persona's usual affect (its mean with normal noise, moved by the severity and
    lowered on the axis of the situation, lifted a little where replies took up its deficit) and
    0.3 of what the emotion judge reads in the message, each clipped to [-1, 1]. h_t holds the
    polarities of earlier sessions, then of every turn.

    Args:
        client: Who speaks.
        read: The judge's four axes for each of the turns so far.

    Returns:
        The state; numbers have two decimals, so that the header shows them as they are.
    """
    own, affects = list(client.own), []
    for dims in read:
        mixed = [
            _two((1 - READ_SHARE) * _clip(mine) + READ_SHARE * _clip(float(seen)))
            for mine, seen in zip(own, dims, strict=True)
        ]
        affects.append(mixed)
        own[mixed.index(min(mixed))] += EASED
    now = [_two(_clip(float(value))) for value in polarity(affects)]
    return State(client.user, (*client.past, *now), tuple(affects[-1]))


def target_axis(state: State) -> str:
    """The axis in deficit, lower case; the first one where several are equally low."""
    return AXES[state.affect.index(min(state.affect))].lower()


def _own_affect(
    persona: Persona, severity: Severity, situation: Situation, rng: random.Random
) -> tuple[float, ...]:
    lowered = [axis.lower() for axis in AXES].index(situation.axis)
    usual = persona.affect
    return tuple(
        rng.gauss(mean, sd) + severity.shift - SITUATION_SHIFT * (axis == lowered)
        for axis, (mean, sd) in enumerate(zip(usual.mean, usual.sd, strict=True))
    )


def _past(own: Sequence[float], rng: random.Random) -> tuple[float, ...]:
    """A short random walk that ends near the polarity of the affect now."""
    now = float(polarity([[_clip(value) for value in own]])[0])
    drift, size = rng.gauss(0, 0.12), rng.randint(0, PAST)
    steps = range(size, 0, -1)
    return tuple(_two(_clip(now - drift * back + rng.gauss(0, 0.05))) for back in steps)


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


def _clip(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _two(value: float) -> float:
    # Adding 0.0 turns -0.0 into 0.0, which is written differently.
    return round(value, 2) + 0.0
