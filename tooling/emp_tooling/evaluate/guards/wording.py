"""Replies as the phrase tables want them: parts of sentences, short forms written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from emp_plugins.safety.text import plain, table

LONGEST = 6000
"""Characters of a reply that are read: bounds the time."""

_SHORT = re.compile(r"[a-z]+(?:'[a-z]+)+|\b(?:im|dont|doesnt|isnt|cant|wont|thats|youre|theyre)\b")
_MORE = {
    "he'd": "he would",
    "she'd": "she would",
    "we've": "we have",
    "you've": "you have",
    "they've": "they have",
    "y'all": "you",
    "there'll": "there will",
    "that'll": "that will",
    "that'd": "that would",
    "there'd": "there would",
    "where's": "where is",
    "how's": "how is",
    "when's": "when is",
    "could've": "could have",
    "would've": "would have",
    "should've": "should have",
}
_MARKUP = re.compile(r"[*_#>]+|^\s*\d+[.)]\s", re.MULTILINE)
_SENTENCE = re.compile(r"(?:[^.!?\n]|[.](?=\w))+[.!?]*")
_CLAUSE = re.compile(
    r"\s*(?:[;:]|\s-+\s|,?\s*\bbut\b|,\s*(?:yet|however|though|although|while|whereas)\b,?|,?\s*\band"
    r" (?:yet|still)\b|\bhowever\b,?)\s*"
)
_TURN = re.compile(
    r"^(?:still|that said|at the same time|even so|nevertheless|having said that|on the other hand"
    r"|though|yet|although|i also|one thing|for what it is worth|before you|the thing is)\b"
)
_LEAD = re.compile(
    r"^(?:(?:oh|ah|aw|hey|hi|hello|well|hmm|honestly|look|so|and|listen|okay so|my friend|dear|you"
    r" know what|first of all|in short|to be honest|personally|in my view|i think|i would say"
    r" that)\b,?\s*)+"
)


@dataclass(frozen=True)
class Segment:
    """A part of a sentence.

    Attributes:
        text: Lower case, short forms written out, without a mark at the end.
        asked: Whether it is part of a question.
        turned: Whether it takes back what stood before: after "but", or with "still" in front.
    """

    text: str
    asked: bool
    turned: bool


def written_out(text: str) -> str:
    """Lower case, straight quotes, single blanks and long forms.

    Args:
        text: Any text.

    Returns:
        The text for the tables.

    Example:
        >>> written_out("It\u2019s  fine, DON'T worry")
        'it is fine, do not worry'
    """
    low = plain(text[:LONGEST]).replace("st. john", "st john").replace('"', "")
    return _SHORT.sub(lambda match: _long_forms().get(match.group(), match.group()), low)


def segments(reply: str) -> list[Segment]:
    """Splits a reply at the ends of sentences and where a sentence turns.

    Args:
        reply: What the user reads.

    Returns:
        The parts in order, without empty ones.

    Example:
        >>> [part.text for part in segments("It's hard, but please wait. Okay?")]
        ['it is hard', 'please wait', 'okay']
    """
    lines = _MARKUP.sub(" ", reply[:LONGEST]).splitlines()
    return [part for line in lines for part in _of_line(written_out(line))]


def _of_line(line: str) -> Iterator[Segment]:
    for match in _SENTENCE.finditer(line):
        sentence = match.group().strip()
        bare = sentence.rstrip(".!? )'")
        for place, text in enumerate(_CLAUSE.split(bare)):
            turned = bool(place) or bool(_TURN.match(text))
            cut = _LEAD.sub("", text) or text
            if cut.strip(" ,'-()"):
                yield Segment(cut.strip(" ,'-()"), sentence.endswith("?"), turned)


@cache
def _long_forms() -> dict[str, str]:
    return table("words")["written_out"] | _MORE
