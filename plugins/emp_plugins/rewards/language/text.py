"""Surface cues of replies: sentences, questions, reflections, support."""

from __future__ import annotations

import re
from functools import lru_cache

REMEMBERED = 4096
"""Texts whose sentences are kept: several rewards ask for those of one batch."""

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+|\n|$)")

REFLECTION = re.compile(
    r"\b(?:(?:it|that|this) (?:sounds?|seems?|feels?|must|can)"
    r"|sounds? (?:like|as if|as though|so)|seems? (?:like|as if|as though)"
    r"|i (?:can )?(?:hear|sense|imagine|notice|gather)|(?:what )?i(?:'m| am) hearing"
    r"|you(?:'re| are) (?:feeling|carrying|saying|telling|dealing|going through|holding|facing)"
    r"|you (?:feel|felt|seem|sound|describe|have been)"
    r"|part of you|no wonder|understandabl[ey]|makes sense)\b"
)
"""Openings by which a reply gives the client's meaning back, on plain lower-case text."""

SUPPORT = re.compile(
    r"\b(?:sorry|(?:i'm|i am|we're) here|not alone|with you|care about|hugs?|hope you"
    r"|thank you for (?:telling|sharing|trusting)|appreciate you"
    r"|glad you (?:told|shared|reached|said))\b"
)
"""Phrases of warmth and presence, on plain lower-case text."""

OPEN_QUESTION = re.compile(r"\b(?:what|how|where|when|who|which|could you|can you|tell me)\b")
"""Whether a question invites more than yes or no, on plain lower-case text."""

_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "`": "'", "\t": " ", "\n": " ", "\r": " "})


def sentences(text: str) -> list[str]:
    """Splits at ends of sentences and lines.

    Args:
        text: Any text.

    Returns:
        Sentences with their punctuation; at least one item, empty for an empty text.

    Example:
        >>> sentences("I hear you. What helps?")
        ['I hear you.', 'What helps?']
    """
    return [text[start:end] for start, end in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences lie.

    Args:
        text: Any text.

    Returns:
        Start and end of each item of ``sentences``; at least one.

    Example:
        >>> spans("I hear you. What helps?")
        [(0, 11), (12, 23)]
    """
    return list(_spans(text))


@lru_cache(maxsize=REMEMBERED)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    found = []
    for match in _SENTENCE.finditer(text):
        piece = match.group()
        start = match.start() + len(piece) - len(piece.lstrip())
        end = start + len(piece.strip())
        if end > start:
            found.append((start, end))
    return tuple(found) or ((0, 0),)


@lru_cache(maxsize=REMEMBERED)
def aligned(text: str) -> str:
    r"""Lower case, straight apostrophes and blanks, each character in its place.

    Args:
        text: Any text.

    Returns:
        A text of the same length, so that a match gives the place in the original.

    Example:
        >>> aligned("I\u2019m\nHERE")
        "i'm here"
    """
    straight = text.translate(_STRAIGHT)
    low = straight.lower()
    if len(low) == len(straight):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in straight)
