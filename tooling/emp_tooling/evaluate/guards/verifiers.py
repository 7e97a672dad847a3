"""Checks of a text that leave nothing to judgment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Verifier = Callable[[str, Any], bool]

_WORD = re.compile(r"[^\W_]+(?:['\u2019.,:/-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+[\"'\u201d\u2019)]*(?:\s+|$)")
_BULLET = re.compile(r"[-*\u2022] \S")
_QUOTES = "\"'*\u201c\u201d\u2018\u2019"
_TYPES = {"text": str, "number": (int, float), "list": list, "flag": bool}


def word_list(text: str) -> list[str]:
    """The words of a text.

    Args:
        text: Any text.

    Returns:
        Runs of letters and digits; an apostrophe, hyphen, point or colon inside one joins it.

    Example:
        >>> word_list("It's 3.5 well-made tables: two!")
        ["It's", '3.5', 'well-made', 'tables', 'two']
    """
    return _WORD.findall(text)


def words(text: str, bounds: Sequence[int]) -> bool:
    """From ``bounds[0]`` to ``bounds[1]`` words."""
    return bounds[0] <= len(word_list(text)) <= bounds[1]


def sentences(text: str, count: int) -> bool:
    """Exactly so many sentences, each with its mark at the end."""
    parts = [part for part in _SENTENCE_END.split(text) if part.strip()]
    return len(parts) == count == len(_SENTENCE_END.findall(text))


def words_per_sentence(text: str, bounds: Sequence[int]) -> bool:
    """Each sentence has from ``bounds[0]`` to ``bounds[1]`` words."""
    return all(words(part, bounds) for part in _SENTENCE_END.split(text) if part.strip())


def lines(text: str, count: int) -> bool:
    """Exactly so many lines that are not blank."""
    return len(_filled(text)) == count


def paragraphs(text: str, count: int) -> bool:
    """Exactly so many blocks with blank lines between them."""
    return len([block for block in re.split(r"\n\s*\n", text) if block.strip()]) == count


def bullets(text: str, count: int) -> bool:
    """Exactly so many lines, each of which starts with a bullet."""
    found = _filled(text)
    return len(found) == count and all(_BULLET.match(line) for line in found)


def numbered(text: str, count: int) -> bool:
    """Exactly so many lines, which start with ``1.`` and so on."""
    starts = [re.match(r"(\d+)[.)] \S", line) for line in _filled(text)]
    return [match and int(match[1]) for match in starts] == list(range(1, count + 1))


def includes(text: str, wanted: Sequence[str]) -> bool:
    """All of the words or phrases occur, in any case."""
    return all(_count(text, phrase) for phrase in wanted)


def excludes(text: str, unwanted: Sequence[str]) -> bool:
    """None of the words or phrases occurs, in any case."""
    return not any(_count(text, phrase) for phrase in unwanted)


def occurs(text: str, counts: Mapping[str, int]) -> bool:
    """Each word or phrase occurs exactly so often, in any case."""
    return all(_count(text, phrase) == count for phrase, count in counts.items())


def without(text: str, characters: str) -> bool:
    """None of the characters occurs, in any case."""
    return not set(text.casefold()) & set(characters.casefold())


def exactly(text: str, wanted: str) -> bool:
    """The text itself, character by character."""
    return text == wanted.strip()


def one_of(text: str, wanted: Sequence[str]) -> bool:
    """One of some answers; case, quotation marks and a full stop at the end do not count."""
    return _plain(text) in {_plain(answer) for answer in wanted}


def items(text: str, wanted: Sequence[Any]) -> bool:
    """The items in this order, between commas; case and a full stop at the end do not count."""
    found = [_plain(item) for item in text.split(",")]
    return found == [_plain(str(item)) for item in wanted]


def number(text: str, wanted: float) -> bool:
    """A number and nothing else; commas between thousands and a full stop do not count."""
    try:
        return float(_plain(text).replace(",", "")) == wanted
    except ValueError:
        return False


def letters(text: str, case: str) -> bool:
    """All letters are in ``upper`` or ``lower`` case."""
    return text == (text.upper() if case == "upper" else text.lower()) and text.upper() != (
        text.lower()
    )


def starts(text: str, wanted: str) -> bool:
    """The text starts with this, in this case."""
    return text.startswith(wanted)


def ends(text: str, wanted: str) -> bool:
    """The text ends with this, in this case."""
    return text.endswith(wanted)


def initials(text: str, wanted: str) -> bool:
    """The words start with these letters, one each."""
    return "".join(word[0] for word in word_list(text)).casefold() == wanted.casefold()


def pattern(text: str, wanted: str) -> bool:
    """The whole text matches a regular expression."""
    return re.fullmatch(wanted, text) is not None


def json_object(text: str, kinds: Mapping[str, str]) -> bool:
    """A JSON object with these keys and no others.

    Args:
        text: The object and nothing around it, no code fence either.
        kinds: Key to ``text``, ``number``, ``list`` or ``flag``.

    Returns:
        Whether it is one.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return False
    if not isinstance(found, dict) or found.keys() != kinds.keys():
        return False
    return all(
        isinstance(found[key], _TYPES[kind]) and isinstance(found[key], bool) == (kind == "flag")
        for key, kind in kinds.items()
    )


def json_value(text: str, wanted: Any) -> bool:
    """JSON that means this value, with nothing around it."""
    try:
        return json.loads(text) == wanted
    except json.JSONDecodeError:
        return False


VERIFIERS: Mapping[str, Verifier] = {
    check.__name__: check
    for check in (
        words,
        sentences,
        words_per_sentence,
        lines,
        paragraphs,
        bullets,
        numbered,
        includes,
        excludes,
        occurs,
        without,
        exactly,
        one_of,
        items,
        number,
        letters,
        starts,
        ends,
        initials,
        pattern,
        json_object,
        json_value,
    )
}
"""Name of each check to its function of a text, not empty, and a parameter."""


def _filled(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _count(text: str, phrase: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE))


def _plain(text: str) -> str:
    return " ".join(text.strip().strip(_QUOTES).rstrip(".").strip(_QUOTES).casefold().split())
