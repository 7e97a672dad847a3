"""Words of a reply: which carry content, which only join, and what counts as the same word."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources

FUNCTION_WORDS = frozenset(
    "a about after again against ain't all along already also always am an and another any anymore "
    "anyone anything are aren't around as at away back be became because become been before being "
    "below better between both but by came can can't cannot come could couldn't 'cause cause "
    "cuz did didn't do does doesn't doing don't done dont down during each either else enough even "
    "ever every everyone everything far few first for from further get gets getting go goes going "
    "gone gonna got gotta had has hasn't have haven't having he he's her here hers herself him "
    "himself his how how's however i i'd i'll i'm i've id if ill im in into is isn't it it'd it'll "
    "it's its itself ive just keep know last least less let let's like lot lots made make makes "
    "many may maybe me might mine more most much must my myself need never next no nobody none nor "
    "not nothing now of off often on once one only onto or other others ought our ours ourselves "
    "out over own perhaps please put quite rather really said same saw say says see seem seems "
    "shall she she's should shouldn't since so some somebody someone something sometimes soon "
    "still such take tell than that that's thats the their theirs them themselves then there "
    "there's theres these they they'd they'll they're they've theyre thing things this those "
    "though through til till to too toward u under unless until up upon ur us very want was wasn't "
    "way we we'd we'll we're we've well went were weren't what what's whatever whats when where "
    "which while who who's whole whom whose why will with within without won't would wouldn't "
    "y'all ya yeah yes yet you you'd you'll you're you've youre your yours yourself "
    "yourselves".split()
)
"""Words that join others: they stand in any sentence and in no list of keywords."""

GRAMMAR_WORDS = frozenset(
    "a am an are as at be been but by can can't could did do does don't from had has have he her "
    "his how i'd i'll i'm i've if in is it it's just my not of on should she that that's the their "
    "them then there they they're this to was we were what when who will would you're".split()
)
"""Articles, prepositions, conjunctions, auxiliaries and third persons: what makes a sentence."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "`": "'"})
_ENDING = re.compile(r"(?:ingly|edly|ness|ments?|ing|ied|ies|ed|ly|es|s|e|y)$")


def words(text: str) -> list[str]:
    """The words of a text, lower case, apostrophes straight.

    Args:
        text: Any text.

    Returns:
        Words in order; punctuation and emoji are no words.

    Example:
        >>> words("I\u2019m here - always!")
        ["i'm", 'here', 'always']
    """
    return _WORD.findall(text.translate(_STRAIGHT).lower())


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """What a word counts as: its class, or the word without its ending.

    Args:
        word: As ``words`` gives it.

    Returns:
        A key; equal for words that count as the same.

    Example:
        >>> stem("mine") == stem("yours"), stem("hoping") == stem("hopes")
        (True, True)
    """
    known = _classes()
    if word in known:
        return known[word]
    bare = word.partition("'")[0]
    cut = _ENDING.sub("", bare)
    cut = cut if len(cut) >= 3 else bare
    if len(cut) > 3 and cut[-1] == cut[-2]:  # stopp-ing
        cut = cut[:-1]
    return known.get(cut) or known.get(f"{cut}e", cut)


def share(found: list[str], listed: frozenset[str]) -> float:
    """Share of words that stand in a set, ``and`` and ``or`` left out of both counts.

    Args:
        found: What ``words`` gave.
        listed: For example ``FUNCTION_WORDS``.

    Returns:
        A number in [0, 1]; for function words about .56 in ordinary English and near 0 in a list of
        keywords, however many times it says ``and``.

    Example:
        >>> share(words("trust and hope"), FUNCTION_WORDS), share(words("to be or"), GRAMMAR_WORDS)
        (0.0, 1.0)
    """
    counted = [word for word in found if word not in ("and", "or")]
    return sum(word in listed for word in counted) / max(1, len(counted))


@cache
def _classes() -> dict[str, str]:
    """Word or stem -> name of its class, from ``synonyms.txt``; the first line that has it wins."""
    text = resources.files(__package__).joinpath("synonyms.txt").read_text(encoding="utf-8")
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    found: dict[str, str] = {}
    for row in rows:
        for word in row:
            found.setdefault(word, row[0])
    return found
