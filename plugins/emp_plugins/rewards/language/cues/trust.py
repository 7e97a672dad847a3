"""How far a sentence may count: copied sentences and word lists show no empathy."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

_WORD = re.compile(r"[a-z']+")

_FOLDED = {
    **dict.fromkeys("i me my mine myself u ur you your yours yourself".split(), "*"),
    **dict.fromkeys("i'm im you're youre".split(), "* be"),
    **dict.fromkeys("am are is was were".split(), "be"),
}
"""Turned round, "my hands" is "your hands"; both are written alike to be compared."""

_FUNCTION = frozenset(
    "a about after all am an and any are as at be because been but by can could did do does "
    "for from get go going had has have he her here him his how i if in is it its just like "
    "me more my no not now of on one or our out over she so some than that the their them "
    "then there they this those through to too u up us was we were what when where which who "
    "why will with would you your i'm im i've don't it's that's you're can't you'll isn't".split()
)
"""The commonest words of English that carry no content."""

COPIED = (0.25, 0.6)
"""A sentence counts fully up to the first share of copied word triples, not at all from the second
on."""

PROSE = (0.06, 0.18)
"""A text counts not at all up to the first share of function words, fully from the second on;
running English has about 0.45, a list of key words hardly any."""

FEW_WORDS = 5
"""Shorter texts are neither lists nor copies: "Hang in there", "I feel you"."""


def trust(client: str, sentences: Sequence[str]) -> list[float]:
    """How far each sentence of a reply may count.

    Two factors: one falls with the share of its word triples that stand in the client's message
    (first and second person taken as one), the other with the lack of function words, in the
    sentence or in the reply as a whole.

    Args:
        client: The client's turn, lower-case with straight apostrophes.
        sentences: The reply's, likewise.

    Returns:
        One number a sentence, in [0, 1].

    Example:
        >>> client = "i am terrified of the interview tomorrow."
        >>> trust(client, ["you are terrified of the interview tomorrow.", "that sounds scary."])
        [0.0, 1.0]
        >>> trust(client, ["sorry, caring, support, hugs, validation, warmth"])
        [0.0]
    """
    words = [_WORD.findall(sentence) for sentence in sentences]
    whole = _prose([word for row in words for word in row])
    said = _said(client)
    return [_original(row, said) * min(whole, _prose(row)) for row in words]


@functools.lru_cache(maxsize=256)
def _said(client: str) -> frozenset[tuple[str, ...]]:
    """The client's word triples; the replies to one client follow each other."""
    return frozenset(_triples(_WORD.findall(client)))


def _original(words: list[str], said: frozenset[tuple[str, ...]]) -> float:
    triples = _triples(words)
    if len(words) < FEW_WORDS or not triples:
        return 1.0
    share = sum(map(said.__contains__, triples)) / len(triples)
    return 1 - _ramp(share, *COPIED)


def _prose(words: list[str]) -> float:
    if len(words) < FEW_WORDS:
        return 1.0
    return _ramp(sum(map(_FUNCTION.__contains__, words)) / len(words), *PROSE)


def _triples(words: list[str]) -> list[tuple[str, ...]]:
    folded = " ".join(_FOLDED.get(word, word) for word in words).split()
    return list(zip(folded, folded[1:], folded[2:], strict=False))


def _ramp(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)
