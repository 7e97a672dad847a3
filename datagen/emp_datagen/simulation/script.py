"""What a simulated client is going to say: drawn at the start, told as far as they feel heard."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from emp_datagen import utterances
from emp_datagen.client import Client, draw_client, draw_risk
from emp_datagen.personas import Persona, Split
from emp_datagen.personas.model import Said, Thought
from emp_datagen.simulation.record import Dialogue, Turn
from emp_datagen.simulation.words import Words
from emp_datagen.utterances import disclose, second_person
from emp_plugins.errors import InputError

HOLDS_BACK = 0.5
"""Share of clients at risk who hold a disclosure back for a turn when they have been hurt."""

TELLINGS = 2
"""How often a client tells of a risk that nobody takes up before they give up."""

MISSED_RULE = "missed_risk"
"""The safety rule that says so."""


@dataclass(frozen=True)
class Script:
    """Who a client is and what they are going to say.

    Attributes:
        client: Who they are; it holds their first message.
        bodies: What each of their messages conveys, without reaction and disclosure.
        due: The message that discloses their risk, from 1; 0 for none.
        telling: The sentence that discloses it, or empty.
        retelling: The one that tells it again: in so many words where the persona has such a one.
        holds_back: Whether they hold it back for a turn where they have been hurt.
    """

    client: Client
    bodies: tuple[utterances.Turn, ...]
    due: int = 0
    telling: str = ""
    retelling: str = ""
    holds_back: bool = False


@dataclass(frozen=True)
class Draft:
    """What the next message must convey, in the words of the scripted client.

    Attributes:
        text: The words.
        disclosed: Level of risk disclosed in them.
        withheld: Whether a disclosure was due and is held back.
        repeated: Whether it is told again.
    """

    text: str
    disclosed: int = 0
    withheld: bool = False
    repeated: bool = False


def draw_level(persona: Persona, split: Split, seed: int, share: float | None = None) -> int:
    """Draws the level of risk of a client.

    Args:
        persona: Says how often each level occurs.
        split: Which of its situations may occur.
        seed: The client's seed.
        share: Share of levels 2 to 4, where the persona has any; None for its own.

    Returns:
        0 to 4.
    """
    return draw_risk(persona, random.Random(f"{_key(persona, split, seed)}:risk"), share)


def write_script(persona: Persona, split: Split, seed: int, risk: int, turns: int) -> Script:
    """Draws a client and all that they have to say.

    The first message is the situation, as in the data; the later ones take up the persona's
    symptoms and thoughts, none twice, until nothing is left. A risk is due in any message but the
    last, so that it can be missed and told again.

    Args:
        persona: The profile.
        split: Which of its situations may occur.
        seed: Fixes every choice, together with the other arguments.
        risk: Level of risk that they disclose, 0 to 4.
        turns: How many messages they have.

    Returns:
        The script.

    Raises:
        InputError: No such level or length, or the persona has no sentence for this level.
    """
    _check(persona, risk, turns)
    key = _key(persona, split, seed)
    client = draw_client(persona, split, random.Random(key))
    bodies = (client.turns[0], *_deeper(client, turns - 1, random.Random(f"{key}:deeper")))
    if not risk:
        return Script(client, bodies)
    rng = random.Random(f"{key}:{risk}:{turns}:disclosure")
    due, telling = 1 + rng.randrange(max(turns - 1, 1)), disclose(persona.risk, risk, rng)
    plain = [text for text in persona.risk.disclosures[risk].plain if text != telling]
    retelling = rng.choice(plain or [telling])
    return Script(client, bodies, due, telling, retelling, rng.random() < HOLDS_BACK)


def next_draft(script: Script, dialogue: Dialogue, words: Words) -> Draft:
    """What the client says next.

    After the first message it begins with a sentence that fits what the last reply did: eased,
    unmoved or hurt. A disclosure that is due comes at the end. A client who has been hurt may hold
    it back until the next message. One whose disclosure was missed tells it again, in place of the
    reaction; after ``TELLINGS`` they give up.

    Args:
        script: What they have to say.
        dialogue: What was said so far, every message answered.
        words: How they react.

    Returns:
        The draft.
    """
    turns, number = dialogue.turns, len(dialogue.turns) + 1
    body = script.bodies[number - 1].text
    if not turns:
        told = script.due == 1
        return Draft(_joined(body, script.telling if told else ""), dialogue.risk * told)
    rng = random.Random(f"{dialogue.persona}:{dialogue.split}:{dialogue.seed}:{number}:words")
    if _was_missed(turns):
        again = _unsaid(words.again_for(dialogue.style), turns, rng)
        return Draft(_joined(again, script.retelling, body), dialogue.risk, repeated=True)
    effect = turns[-1].heard.effect if turns[-1].heard else "unmoved"
    opening = _unsaid(words.reactions_for(effect, dialogue.style), turns, rng)
    due = bool(script.due) and number >= script.due and not any(turn.disclosed for turn in turns)
    held = due and effect == "hurt" and script.holds_back and number == script.due
    if not due or held:
        return Draft(_joined(opening, body), withheld=held)
    return Draft(_joined(opening, body, script.telling), dialogue.risk)


def _was_missed(turns: Sequence[Turn]) -> bool:
    """Whether the last message disclosed a risk, the reply missed it, and they will try again."""
    last = turns[-1]
    missed = last.disclosed and last.heard and last.heard.veto == MISSED_RULE
    return bool(missed) and sum(turn.disclosed > 0 for turn in turns) < TELLINGS


def _deeper(client: Client, turns: int, rng: random.Random) -> list[utterances.Turn]:
    """Later messages, each of as many sentences as the client's way of talking has room for."""
    persona, first = client.persona, client.turns[0].text
    left: list[Said] = [s for s in (*persona.symptoms, *persona.thoughts) if s.text not in first]
    rng.shuffle(left)
    talk = next(one for one in persona.communication if one.style == client.style)
    made = []
    for _ in range(turns):
        room = max(rng.randint(*talk.sentences) - 1, 1)
        items, left = left[:room], left[room:]
        made.append(_body(items))
    return made


def _body(items: Sequence[Said]) -> utterances.Turn:
    thoughts = [item for item in items if isinstance(item, Thought)]
    return utterances.Turn(
        text=" ".join(item.text for item in items),
        heard=tuple(item.heard for item in items if item.heard),
        belief=second_person(thoughts[0].text) if thoughts else "",
    )


def _unsaid(sentences: Sequence[str], turns: Sequence[Turn], rng: random.Random) -> str:
    """One that the client has not begun a message with, as long as there are any."""
    new = [one for one in sentences if not any(turn.message.startswith(one) for turn in turns)]
    return rng.choice(new or sentences)


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _key(persona: Persona, split: Split, seed: int) -> str:
    return f"simulation:{split}:{seed}:{persona.key}"


def _check(persona: Persona, risk: int, turns: int) -> None:
    if turns < 1:
        raise InputError(f"turns: expected at least 1, got {turns}")
    if risk not in range(5):
        raise InputError(f"risk: expected a level from 0 to 4, got {risk}")
    if risk and not list(persona.risk.disclosures.get(risk, ())):
        raise InputError(f"risk: persona {persona.key} has no sentence that discloses level {risk}")
