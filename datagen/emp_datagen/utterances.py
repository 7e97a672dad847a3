"""What a client says, turn by turn, and how a reply would say it back."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from emp_datagen.personas import Persona
from emp_datagen.personas.model import Communication, Fact, Risk, Said, Situation, Thought
from emp_plugins.files import read_yaml

ASK_SHARE = 0.08
"""Share of clients without risk who ask about the disorder, where the persona has facts."""

_SWAPS = {
    **{"i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself"},
    **{"i'm": "you're", "i've": "you've", "i'd": "you'd", "i'll": "you'll", "we": "you"},
    **{"us": "you", "our": "your", "ours": "yours", "ourselves": "yourselves"},
}
_I_AM = re.compile(r"\b(I) (am|was)\b")


@dataclass(frozen=True)
class Turn:
    """One message of the client.

    Attributes:
        text: What they say.
        heard: The same as a reply would say it back, one clause for each thing.
        belief: A thought in it, in the second person, or empty.
        fact: The answer to what they ask, or empty.
        risk: Level of the risk disclosed in it, 0 to 4.
    """

    text: str
    heard: tuple[str, ...] = ()
    belief: str = ""
    fact: str = ""
    risk: int = 0


def speak(
    persona: Persona,
    situation: Situation,
    talk: Communication,
    risk: int,
    turns: int,
    rng: random.Random,
) -> list[Turn]:
    """Composes all messages of a client.

    Args:
        persona: The profile.
        situation: What happened; the first message tells it.
        talk: The way they talk.
        risk: The level of risk that one of the messages discloses.
        turns: How many messages.
        rng: Source of the choices.

    Returns:
        The messages in order; symptoms and thoughts are not said twice.
    """
    disclosed = rng.randrange(turns) if risk else -1
    symptoms = rng.sample(persona.symptoms, len(persona.symptoms))
    thoughts = rng.sample(persona.thoughts, len(persona.thoughts))
    made = []
    for number in range(turns):
        level = risk if number == disclosed else 0
        disclosure = [disclose(persona.risk, level, rng)] if level else []
        room = max(rng.randint(*talk.sentences) - 1 - len(disclosure), 0)
        frames = list(_frames(talk, rng)) if number == 0 else []
        frame = frames[0] if frames and room else None
        inner: list[Said] = [*symptoms[:1], *thoughts[:1]]
        rng.shuffle(inner)
        inner = inner[: room - bool(frame)] if number == 0 else inner[: max(room, 1)]
        symptoms = [item for item in symptoms if item not in inner]
        thoughts = [item for item in thoughts if item not in inner]
        first = situation if number == 0 else None
        opening = [] if first else [_reaction(talk.style, rng)]
        asked = None if risk else _question(persona, rng)
        made.append(_turn(first, opening, inner, disclosure, frame, asked, level, rng))
    return made


def _frames(talk: Communication, rng: random.Random) -> Iterator[tuple[int, str]]:
    """Sentences before and after what they say, with the place: 0 before, -1 after."""
    places = [(0, talk.openers), (-1, talk.closers)]
    for place, options in rng.sample(places, 2):
        if options and rng.random() < 0.35:
            yield place, rng.choice(options)


def _turn(
    situation: Situation | None,
    opening: list[str],
    inner: list[Said],
    disclosure: list[str],
    frame: tuple[int, str] | None,
    asked: Fact | None,
    level: int,
    rng: random.Random,
) -> Turn:
    middle: list[Said] = [*([situation] if situation else []), *inner]
    if rng.random() < 0.2:
        middle.reverse()
    texts = [*opening, *(item.text for item in middle), *disclosure]
    if asked:
        texts.append(asked.ask)
    if frame:
        texts.insert(0 if frame[0] == 0 else len(texts), frame[1])
    thoughts = [item for item in inner if isinstance(item, Thought)]
    return Turn(
        text=" ".join(texts),
        heard=tuple(item.heard for item in (situation, *inner) if item and item.heard),
        belief=second_person(thoughts[0].text) if thoughts else "",
        fact=asked.answer if asked else "",
        risk=level,
    )


def disclose(risk: Risk, level: int, rng: random.Random) -> str:
    """Draws a sentence that discloses a level of risk, as openly as the persona does."""
    forms = risk.disclosures[level]
    kinds = [kind for kind in ("plain", "coded", "retracted") if getattr(forms, kind)]
    weights = [getattr(risk.openness, kind) for kind in kinds]
    kind = rng.choices(kinds, weights if any(weights) else None)[0]
    return rng.choice(getattr(forms, kind))


def _question(persona: Persona, rng: random.Random) -> Fact | None:
    return rng.choice(persona.facts) if persona.facts and rng.random() < ASK_SHARE else None


def _reaction(style: str, rng: random.Random) -> str:
    table = _reactions()
    return rng.choice(table.get(style) or table["plain"])


@cache
def _reactions() -> dict[str, list[str]]:
    return read_yaml(Path(__file__).parent / "bank" / "reactions.yml")


def second_person(text: str) -> str:
    """A sentence of the client turned to the second person, as a clause.

    Args:
        text: One short sentence in the first person.

    Returns:
        The clause, without its full stop.

    Example:
        >>> second_person("I am a burden and it's my own fault.")
        "you are a burden and it's your own fault"
    """
    text = _I_AM.sub(lambda m: f"you {'are' if m[2] == 'am' else 'were'}", text)
    words = re.split(r"([^\w']+)", text.replace("\u2019", "'").rstrip(".!?"))
    turned = "".join(_SWAPS.get(word.lower(), word) for word in words)
    keeps_capital = re.match(r"(?:[A-Z]{2,}|God|Sunday|Monday|Christmas)\b", turned)
    return turned if keeps_capital else turned[0].lower() + turned[1:]
