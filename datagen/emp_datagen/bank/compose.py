"""Composes replies from a bank: good ones by plan, and ones that make a named clinical error."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from emp_datagen.bank.grammar import Form
from emp_datagen.bank.load import Bank, Split

BRIEF_STYLES = ("terse", "hostile")
"""Clients who talk like this get the shorter of two drawn sentences."""

FROM_GENERAL = 0.3
"""Share of sentences that come from the general group where the axis in deficit has one."""

FROM_WHAT_WAS_SAID = 0.6
"""Share of sentences that say back what the client said where there is more of it and a form."""

TRIES = 3
"""Drafts of a reply of which the one with the length asked for is taken."""

SAID_BACK = ("heard", "belief", "topic")
"""Slots that a reply fills with one thing only once."""

MAX_PATIENCE = 40
"""Sentences that are drawn before one that was used already is taken all the same."""


@dataclass(frozen=True)
class Brief:
    """What a reply is written for.

    Attributes:
        target: The affect axis in deficit, lower case.
        topic: What it is about, as a noun phrase.
        risk: The client's risk level.
        style: How the client talks.
        heard: What the client said, in the second person, one clause for each thing.
        belief: A thought that they voiced, in the second person, or empty.
        fact: The answer to what they asked about the disorder, or empty.
        therapist: The teacher's style, a key of ``styles``; empty for the plans alone.
        split: Which forms may occur.
        words: About how long the reply should be; 0 for any length.
    """

    target: str
    topic: str
    risk: int = 0
    style: str = "plain"
    heard: Sequence[str] = ()
    belief: str = ""
    fact: str = ""
    therapist: str = ""
    split: Split = "all"
    words: int = 0


def good(bank: Bank, rng: random.Random, brief: Brief) -> str:
    """Composes a good reply.

    Args:
        bank: The sentences.
        rng: Source of the choices.
        brief: What it is written for.

    Returns:
        One sentence for each strategy of a move of the plan that fits the state.
    """
    moves = bank.moves(brief.risk, bool(brief.fact), brief.target, brief.therapist)
    return _nearest(brief.words, lambda: _by_move(bank, rng, brief, rng.choice(moves)))


def error(bank: Bank, rng: random.Random, name: str, brief: Brief) -> str:
    """Composes a reply that makes one clinical error.

    Args:
        bank: The sentences.
        rng: Source of the choices.
        name: The error, a key of ``bank.errors``.
        brief: What it is written for.

    Returns:
        Two to four sentences.
    """
    if bank.errors[name].built_from == "ordinary":
        blind = replace(brief, risk=0)
        moves = _longest(bank.moves(0, bool(brief.fact), brief.target, brief.therapist))
        return _nearest(brief.words, lambda: _by_move(bank, rng, blind, rng.choice(moves)))
    facts = _facts(bank, rng, brief)
    pool = _usable(bank.error_forms(name, brief.split), facts)

    def draft() -> str:
        chosen: list[Form] = []
        for _ in range(rng.choices((2, 3, 4), (2, 5, 3))[0]):
            chosen.append(_draw(rng, pool, chosen, brief))
        return _join(chosen, rng, facts, brief.heard)

    return _nearest(brief.words, draft)


def _by_move(bank: Bank, rng: random.Random, brief: Brief, move: Sequence[str]) -> str:
    facts = _facts(bank, rng, brief)
    chosen: list[Form] = []
    for strategy in move:
        pools = bank.strategy_forms(strategy, brief.target, brief.split)
        own, general = (_usable(pool, facts) for pool in pools)
        pool = general if not own or (general and rng.random() < FROM_GENERAL) else own
        chosen.append(_draw(rng, pool, chosen, brief))
    return _join(chosen, rng, facts, brief.heard)


def _nearest(words: int, draft: Callable[[], str]) -> str:
    """The draft whose length is nearest to what was asked for; the first one where none was."""
    drafts = [draft() for _ in range(TRIES if words else 1)]
    return min(drafts, key=lambda text: abs(text.count(" ") + 1 - words))


def _longest(moves: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    # The risk protocol is four sentences long, and length must not tell the two apart.
    most = max(map(len, moves))
    return [move for move in moves if len(move) == most]


def _facts(bank: Bank, rng: random.Random, brief: Brief) -> dict[str, str]:
    words = bank.words
    drawn = {
        "topic": brief.topic,
        "heard": brief.heard[0] if brief.heard else "",
        "belief": brief.belief,
        "fact": brief.fact.rstrip("."),
        "feeling": rng.choice(words.feeling[brief.target]),
        "felt": rng.choice(words.felt[brief.target]),
        "label": rng.choice(words.label),
    }
    return {name: value for name, value in drawn.items() if value}


def _usable(pool: Sequence[Form], facts: Mapping[str, str]) -> list[Form]:
    return [form for form in pool if form.slots <= facts.keys()]


def _draw(rng: random.Random, pool: Sequence[Form], chosen: list[Form], brief: Brief) -> Form:
    """A form that is not chosen yet and does not say back what one of those already did."""
    used = {slot for form in chosen for slot in form.slots if slot in SAID_BACK}
    if sum("heard" in form.slots for form in chosen) < len(brief.heard):
        used.discard("heard")
        if rng.random() < FROM_WHAT_WAS_SAID:
            pool = [form for form in pool if "heard" in form.slots] or pool
    form = rng.choice(pool)
    for _ in range(MAX_PATIENCE):
        if form not in chosen and not (form.slots & used):
            break
        form = rng.choice(pool)
    if form in chosen:  # a short list is used up but for forms that say the same thing back
        form = next((other for other in pool if other not in chosen), form)
    if brief.style in BRIEF_STYLES:
        other = rng.choice(pool)
        if other not in chosen and not (other.slots & used):
            form = min(form, other, key=lambda f: len(f.text))
    return form


def _join(
    forms: Sequence[Form], rng: random.Random, facts: dict[str, str], heard: Sequence[str]
) -> str:
    """The sentences; each one that says something back takes the next thing that was said."""
    left, out = list(heard), []
    for form in forms:
        if left and "heard" in form.slots:
            facts["heard"] = left.pop(0)
        out.append(form.expand(rng, facts))
    return " ".join(out)
