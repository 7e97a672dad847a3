"""Text as the phrase tables want it, and the way back to what was written."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from emp_plugins.patterns import split

_QUOTES = str.maketrans(
    {
        "\u2019": "'",
        "\u2018": "'",
        "\u02bc": "'",
        "`": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2014": "-",
        "\u2013": "-",
        "\u2026": ".",
    }
)
_PIECE = re.compile(r"\s+|[\w'*!@$/+]+|[^\w\s]")
_LONG = re.compile(r"([a-z])\1{2,}")
REMEMBERED = 1024
"""Texts whose normal form is kept: the replies to one client follow each other."""

_DOUBLED = frozenset("el")
_FRAGMENT = re.compile(r"(?<!\(\?)<(\w+)>")


@dataclass(frozen=True)
class Normal:
    """Normalised text that remembers where each piece came from.

    Attributes:
        text: What the patterns are matched on.
        written: What was written.
        spelling: Whether the spelling was unified.
    """

    text: str
    written: str
    spelling: bool = True

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a match stands in what was written.

        Args:
            start: Start of the match in ``text``.
            end: Its end.

        Returns:
            Start and end in the original, widened to whole words.
        """
        starts, origins = _places(self.written, self.spelling)
        first = bisect.bisect_right(starts, start) - 1
        last = bisect.bisect_left(starts, end) - 1
        return origins[first][0], origins[max(first, last)][1]


def plain(text: str) -> str:
    """Lower case, straight apostrophes and single blanks, for matching phrases.

    Args:
        text: Any text.

    Returns:
        The same words.

    Example:
        >>> plain(" I\u2019m  here ")
        "i'm here"
    """
    return " ".join(text.translate(_QUOTES).lower().split())


@functools.lru_cache(maxsize=REMEMBERED)
def normalise(text: str, spelling: bool = True) -> Normal:
    """Prepares text for the phrase tables.

    Lower case, straight quotes, single blanks. With ``spelling`` also one way of writing: short
    forms are written out, with or without apostrophe (``dont``, ``i'm``, ``wanna``), common
    misspellings and masked letters are undone, drawn-out letters shortened and filler words
    dropped, all by ``tables/words.yml``.

    Args:
        text: What somebody wrote.
        spelling: Whether to unify the spelling.

    Returns:
        The text with the places its pieces came from.

    Example:
        >>> normalise("i just dont wanna liiive").text
        'i do not want to live'
    """
    found = map(_piece if spelling else _low, _PIECE.findall(text.translate(_QUOTES)))
    return Normal("".join(_kept(found)).rstrip(), text, spelling)


def _kept(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces without empty ones and without a second blank in a row."""
    last = " "
    for piece in pieces:
        if piece and (piece != " " or last != " "):
            last = piece
            yield piece


@functools.lru_cache(maxsize=16)
def _places(written: str, spelling: bool) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Where each piece of the normal form begins, and its (start, end) in what was written."""
    form = _piece if spelling else _low
    starts, origins = [], []
    length, last = 0, " "
    for match in _PIECE.finditer(written.translate(_QUOTES)):
        piece = form(match.group())
        if piece and (piece != " " or last != " "):
            starts.append(length)
            origins.append(match.span())
            length, last = length + len(piece), piece
    return tuple(starts) or (0,), tuple(origins) or ((0, 0),)


def _low(piece: str) -> str:
    return " " if piece.isspace() else piece.lower()


@functools.lru_cache(maxsize=20_000)
def _piece(piece: str) -> str:
    """A word, a mark or white space as the tables write it; empty for a filler."""
    low = _low(piece)
    return low if low == " " else _rewrite(low)


@dataclass(frozen=True)
class _Words:
    written: dict[str, str]
    misspelt: tuple[tuple[re.Pattern[str], str], ...]
    dropped: frozenset[str]


def _rewrite(word: str) -> str:
    """One word as the tables write it; empty for a filler."""
    core = word.strip("!*/+$@").removeprefix("'")
    if not core:
        return word
    head, tail = word.split(core, 1)
    return head + _known(_LONG.sub(_shorten, core)) + tail


def _shorten(match: re.Match[str]) -> str:
    return match[1] * 2 if match[1] in _DOUBLED else match[1]


def _known(word: str) -> str:
    words = _words()
    if word in words.dropped:
        return ""
    if word in words.written:
        return words.written[word]
    return next((right for pattern, right in words.misspelt if pattern.fullmatch(word)), word)


@functools.cache
def _words() -> _Words:
    raw = table("words")
    return _Words(
        written=raw["written_out"],
        misspelt=tuple((re.compile(row), word) for word, row in raw["misspelt"].items()),
        dropped=frozenset(raw["dropped"]),
    )


def table(name: str) -> Any:
    """Reads one of the tables of this folder.

    Args:
        name: File name in ``tables/`` without its ending.

    Returns:
        The parsed YAML.
    """
    import yaml

    path = resources.files("emp_plugins.safety").joinpath("tables", f"{name}.yml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def compiled(rows: list[str], fragments: dict[str, str] | None = None) -> re.Pattern[str]:
    """One pattern from the rows of a table, each tried at the start of a word.

    Args:
        rows: Regular expressions for lower-case text; ``<name>`` stands for a fragment.
        fragments: What the names stand for; a fragment may use those before it.

    Returns:
        The compiled pattern.

    Example:
        >>> bool(compiled(["want to <die>"], {"die": "(?:die|be dead)"}).search("i want to die"))
        True
    """
    return re.compile(_worded("|".join(expand(row, fragments or {}) for row in rows)))


def alternatives(rows: list[str], fragments: dict[str, str] | None = None) -> list[str]:
    """What `compiled` compiles, taken apart for `patterns.Patterns`.

    Args:
        rows: As `compiled` takes them.
        fragments: Likewise.

    Returns:
        Regular expressions, one for each alternative.

    Example:
        >>> [bool(re.search(one, "glad, so sad")) for one in alternatives(["so (?:sad|bad)|ad"])]
        [True, False]
    """
    expanded = (expand(row, fragments or {}) for row in rows)
    return [_worded(one) for row in expanded for one in split(row)]


def _worded(body: str) -> str:
    return rf"(?<![\w'])(?:{body})(?!\w)"


def expand(row: str, fragments: dict[str, str]) -> str:
    """Puts fragments in the place of their names.

    Args:
        row: A regular expression with ``<name>`` in it.
        fragments: Name to regular expression; may hold names themselves.

    Returns:
        The regular expression.
    """
    found = _FRAGMENT.sub(lambda match: f"(?:{fragments[match[1]]})", row)
    return row if found == row else expand(found, fragments)
