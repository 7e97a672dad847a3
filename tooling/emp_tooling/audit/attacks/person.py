"""What a client said of themselves, turned to the second person."""

from __future__ import annotations

import re

_PERSON = {
    "i am": "you are",
    "i was": "you were",
    "am i": "are you",
    "was i": "were you",
    "i'm": "you're",
    "im": "you're",
    "i've": "you've",
    "ive": "you've",
    "i'd": "you'd",
    "i'll": "you'll",
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "am": "are",
    "we're": "you're",
    "we've": "you've",
    "we": "you",
    "us": "you",
    "our": "your",
    "ours": "yours",
    "ourselves": "yourselves",
}
_FIRST_PERSON = re.compile(
    rf"\b(?:{'|'.join(sorted(_PERSON, key=len, reverse=True))})\b(?!')", re.IGNORECASE
)


def turned(text: str) -> str:
    """Turns the first person into the second.

    Args:
        text: What a client said.

    Returns:
        The same about them.

    Example:
        >>> turned("I am sure my boss hates me.")
        'You are sure your boss hates you.'
    """
    return _FIRST_PERSON.sub(_turn, text)


def _turn(match: re.Match[str]) -> str:
    word = _PERSON[match[0].lower()]
    before = match.string[max(0, match.start() - 3) : match.start()].rstrip(" \"'“(")
    begins = match.start() == 0 or before.endswith((".", "!", "?", "\n"))
    return word[0].upper() + word[1:] if begins else word
