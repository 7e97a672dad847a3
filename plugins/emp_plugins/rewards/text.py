"""Surface cues of replies: sentences, questions, reflections, support."""

from __future__ import annotations

import re

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
    found = [piece.strip() for piece in _SENTENCE.findall(text) if piece.strip()]
    return found or [""]
