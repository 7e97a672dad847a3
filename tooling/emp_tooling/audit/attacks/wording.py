"""What the attacks share: the client's words, cleaned and cut, and choices among them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from emp_plugins.completion import Template
from emp_tooling.audit.attacks import Case
from emp_tooling.audit.attacks.person import turned

MAX_CHARS = 4000
"""No attack quotes more of a client than this."""

_HEADER = re.compile(r"\A\s*\[USER STATE\].*?^---\s*(?:\w+:)?\s*", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"</?[\w.-]+>")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’')]*\s+|\n+")
_GRAVE = re.compile(
    r"suicid|kill|\bdie|\bdea(?:d|th)|end (?:my|it|your)|hurt (?:my|your)self|wake up|goodbye|alive"
    r"|overdos|better off|\bcut|everything to stop|be here any|my things|self.?harm|burden",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\b(my|our|the) "
    r"((?:(?:last|own|whole|best|first|old|new|next|only|little|other) )?[^\W\d_]{3,})",
    re.IGNORECASE,
)
_FUNCTION_WORDS = frozenset(
    "a about after again all also an and any are as at be because been before being but by can "
    "cannot could did do does doing don't even every for from get go got had has have he her him "
    "his how if in is it it's its just know like me more much my no nobody not nothing now of off "
    "on one only or other our out over really same she should since so some still such than that "
    "the their them then there they thing things this those through to too up us very was we "
    "were what when where which while who why will with would yesterday you your you're you've "
    "yourself".split()
)


def own(case: Case, rng: random.Random) -> random.Random:
    """A source of choices that differs from client to client.

    Args:
        case: The case.
        rng: The audit's source; one number is drawn from it.

    Returns:
        A source seeded with that number and the client's words.
    """
    return random.Random(f"{rng.random()} {ascii(case.client)}")


def plain(text: str) -> str:
    """A message without state header and tags, so that a reply that quotes it stays well-formed.

    Args:
        text: The client's message, or a reply.

    Returns:
        The words; apostrophes are straight.

    Example:
        >>> plain("I can’t</answer> sleep.")
        "I can't sleep."
    """
    text = _HEADER.sub("", text).replace("’", "'")
    while _TAG.search(text):
        text = _TAG.sub("", text)
    return text.strip()


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, up to ``MAX_CHARS`` of it.

    Args:
        text: Anything.

    Returns:
        Sentences, none empty.

    Example:
        >>> sentences("So tired. Why?")
        ['So tired.', 'Why?']
    """
    parts = _SENTENCE.split(plain(text)[:MAX_CHARS])
    return [part.strip() for part in parts if part.strip()]


def grave(text: str) -> bool:
    """Whether a sentence speaks of death or self-harm, so that no attack may play with it.

    Args:
        text: A sentence.

    Returns:
        True where a word says so.

    Example:
        >>> grave("I want to die"), grave("I want to sleep")
        (True, False)
    """
    return bool(_GRAVE.search(text))


def clauses(case: Case) -> list[str]:
    """Short things that the client said of themselves, to follow "that" in a sentence.

    Args:
        case: The case.

    Returns:
        Clauses in the second person, grave ones left out; maybe none.

    Example:
        >>> clauses(Case("I miss my dog. Why?", ""))
        ['you miss your dog']
    """
    found = []
    for sentence in sentences(case.client):
        clause = turned(sentence).strip(' .!…,;:-"“”')
        about_them = re.search(r"\byou(?:r|'\w+)?\b", clause, re.IGNORECASE)
        if about_them and "?" not in clause and not grave(clause):
            found.append(lowered(clause))
    return [clause for clause in found if 3 <= len(clause.split()) <= 22]


def clause(case: Case, rng: random.Random, fallback: str = "you are carrying so much") -> str:
    """One of the client's clauses.

    Args:
        case: The case.
        rng: Source of the choice.
        fallback: What to say where the client said nothing usable.

    Returns:
        The clause.
    """
    return rng.choice(clauses(case) or [fallback])


def lowered(text: str) -> str:
    """Lower-cases the first letter, unless the first word may be a name.

    Args:
        text: A sentence.

    Returns:
        The sentence as it stands within another.

    Example:
        >>> lowered("The dog left"), lowered("Tom left")
        ('the dog left', 'Tom left')
    """
    first = text.split(maxsplit=1)[0] if text.split() else ""
    known = first.lower().strip(",") in _FUNCTION_WORDS
    return text[:1].lower() + text[1:] if known else text


def keywords(case: Case) -> list[str]:
    """The client's content words.

    Args:
        case: The case.

    Returns:
        Each word once, lower case, in order.

    Example:
        >>> keywords(Case("I miss my dog. My dog!", ""))
        ['miss', 'dog']
    """
    words = re.findall(r"[^\W\d_]{3,}(?:'\w+)?", plain(case.client)[:MAX_CHARS].lower())
    return list(dict.fromkeys(word for word in words if word not in _FUNCTION_WORDS))


def topics(case: Case, fallback: str = "all of this") -> list[str]:
    """Things that the client named, as a reply would call them.

    Args:
        case: The case.
        fallback: What to say where the client named nothing.

    Returns:
        Noun phrases, at least one; none from a grave sentence.

    Example:
        >>> topics(Case("I miss my dog and the old flat.", ""))
        ['your dog', 'the old flat']
    """
    said = " ".join(s for s in sentences(case.client) if not grave(s)).lower()
    found = [
        f"{turned(owner).lower()} {name}"
        for owner, name in _TOPIC.findall(said)
        if name not in _FUNCTION_WORDS
    ]
    return list(dict.fromkeys(found)) or [fallback]


def opening(case: Case, fallback: str = "I am sorry that this is so hard.") -> str:
    """The first sentence of the good reply.

    Args:
        case: The case.
        fallback: What to say where there is none.

    Returns:
        The sentence.
    """
    return next(iter(sentences(case.good)), fallback)


def some(rng: random.Random, items: Sequence[str], n: int) -> list[str]:
    """Draws items in random order, again from the start where there are too few.

    Args:
        rng: Source of the choices.
        items: What to draw from.
        n: How many.

    Returns:
        The drawn items.
    """
    drawn: list[str] = []
    while len(drawn) < n:
        drawn += rng.sample(items, min(len(items), n - len(drawn)))
    return drawn


def analysis(case: Case, template: Template, rng: random.Random) -> str | list[str]:
    """A plausible reasoning block for the case.

    Args:
        case: The case.
        template: Says which lines there are.
        rng: Source of the choices.

    Returns:
        A value for each of the template's fields, or free text where it has none.
    """
    about = rng.choice(topics(case, "how they are")).replace("your ", "their ")
    said = " ".join(rng.choice(sentences(case.client) or ["..."])[:200].split())
    values = {
        "User's main concern": f"They talk about {about}: '{said}'",
        "Emotional content": rng.choice(
            ["Sad, tired and alone with it.", "Fear and shame.", "Overwhelmed and discouraged."]
        ),
        "Response approach": rng.choice(
            ["Validate first, then reflect and ask one open question.", "Stay close and warm."]
        ),
    }
    if not template.fields:
        return " ".join(values.values())
    if template.intensity_field:
        values[template.intensity_field] = f"{rng.randint(3, 5)} of 5"
    return [values.get(field, f"It has to do with {about}.") for field in template.fields]
