"""The literals that every match of a regular expression holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from re import _constants as ops
from re import _parser as parser
from typing import Any

Clause = frozenset[str]
"""Literals without white space, at least one of which a text must hold."""

Item = tuple[Any, Any]
"""What the parser makes of a part of an expression: operator and argument."""

Row = tuple[Clause, ...]
"""Clauses that must all hold, the rarest first."""

STRINGS = 32
"""Strings that a part of a pattern is spelled out to."""

ROWS = 1024
"""Alternatives of a pattern that are kept apart."""

SPREAD = 32
"""Strings of which each gets its own row."""

CLAUSES = 5
"""Clauses that are kept of an alternative."""

_WORD_EDGE = re.compile(r"\b")
_INNER_EDGE = re.compile(r"(?<=.)\b(?=.)", re.DOTALL)

COMMON = frozenset(
    "a about all am and any are as at be been but can do even feel feeling feels for from get had "
    "has have he her his how i if in is it like me much my no not of on one or out she so some "
    "that the their them then there they this to up was we were what when which who will with "
    "would you your".split()
)
"""Words that stand in most texts: alone they tell little, however long they are."""

_OTHER_LETTERS = re.IGNORECASE | re.ASCII | re.LOCALE

_ANYTHING: tuple[Row, ...] = ((),)


@dataclass(frozen=True)
class _Part:
    """What is known of a part of a pattern.

    Attributes:
        strings: All that it may match, each run of white space written as one blank; None where
            they are too many.
        rows: What a text must hold for it to match: all clauses of one of the rows.
    """

    strings: frozenset[str] | None
    rows: tuple[Row, ...] = _ANYTHING


_NOTHING_KNOWN = _Part(None)
_EMPTY = _Part(frozenset({""}))
_EDGE = _Part(frozenset({" "}))
_EDGES = (ops.AT_BOUNDARY, ops.AT_BEGINNING, ops.AT_BEGINNING_STRING, ops.AT_END, ops.AT_END_STRING)


def required(source: str) -> tuple[Row, ...]:
    r"""Takes a pattern apart.

    Args:
        source: A regular expression that is compiled without flags.

    Returns:
        Rows of clauses. Wherever the pattern matches a text, the text holds, for one of the rows,
        a literal of each of its clauses, where both are `edged`. An empty row requires nothing.

    Example:
        >>> [[sorted(clause) for clause in row] for row in required("hop(e|ing)|so sad")]
        [[['hope']], [['hoping']], [[' sad'], ['so ']]]
    """
    tree = _parsed(source)
    return _ANYTHING if tree.state.flags & _OTHER_LETTERS else _settled(_sequence(tree))


def may_be_empty(source: str) -> bool:
    """Whether a regular expression may match the empty string.

    Args:
        source: A regular expression.

    Returns:
        False where each match holds a character.

    Example:
        >>> may_be_empty("a*(?=b)"), may_be_empty("a+")
        (True, False)
    """
    return _parsed(source).getwidth()[0] == 0


@lru_cache(maxsize=256)
def _parsed(source: str) -> Any:
    return parser.parse(source)


def edged(chunk: str) -> str:
    """Marks where words begin and end, as the literals of `required` do.

    Args:
        chunk: Text without white space.

    Returns:
        The text with a blank at each edge of a word.

    Example:
        >>> edged("(don't")
        "( don ' t "
    """
    return _WORD_EDGE.sub(" ", chunk)


def _sequence(items: Iterable[Item], before: bool = False, after: bool = False) -> _Part:
    """Parts that follow each other.

    Args:
        items: As the parser gives them.
        before: Whether a word can neither begin earlier nor go on to the first of them.
        after: The same of the last of them and what follows.
    """
    listed = list(items)
    runs, rows = [_EDGE.strings if before else _EMPTY.strings], []
    for place, item in enumerate(listed):
        follows = _is_edge(listed[place + 1]) if place + 1 < len(listed) else after
        part = _part(item, all(text.endswith(" ") for text in runs[-1]), follows)
        rows.append(part.rows)
        joined = None if part.strings is None else _joined(runs[-1], part.strings)
        runs[-1:] = [joined] if joined is not None else [runs[-1], part.strings or frozenset({""})]
    if after and (closed := _joined(runs[-1], _EDGE.strings)) is not None:
        runs[-1] = closed
    if len(runs) == 1:
        return _Part(runs[0], _all_of(rows))
    return _Part(None, _all_of([*rows, *map(_spelled, runs)]))


def _part(item: Item, before: bool = False, after: bool = False) -> _Part:
    op, argument = item
    if op is ops.LITERAL:
        return _literal(argument)
    if op is ops.IN:
        return _set(argument)
    if op is ops.BRANCH:
        return _branch([_sequence(branch, before, after) for branch in argument[1]])
    if op is ops.SUBPATTERN:
        other = argument[1] & _OTHER_LETTERS
        return _NOTHING_KNOWN if other else _sequence(argument[3], before, after)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        return _repeat(argument[0], argument[1], _sequence(argument[2]))
    return _around(op, argument)


@lru_cache(maxsize=256)
def _literal(character: int) -> _Part:
    return _Part(frozenset({_blank(chr(character))}))


def _around(op: Any, argument: Any) -> _Part:
    """What matches no character, and all else."""
    if op is ops.ATOMIC_GROUP:
        return _sequence(argument)
    if op is ops.ASSERT:
        return _Part(_EMPTY.strings, _settled(_sequence(argument[1])))
    if op is ops.AT:
        return _EDGE if argument in _EDGES else _EMPTY
    if op is ops.ASSERT_NOT:
        return _EDGE if _is_word_character(argument[1]) else _EMPTY
    return _NOTHING_KNOWN


def _is_edge(item: Item) -> bool:
    return item[0] is not ops.BRANCH and _part(item).strings == _EDGE.strings


def _is_word_character(items: Sequence[tuple[Any, Any]]) -> bool:
    if len(items) != 1 or items[0][0] is not ops.IN:
        return False
    return (ops.CATEGORY, ops.CATEGORY_WORD) in items[0][1] and items[0][1][0][0] is not ops.NEGATE


def _set(items: Sequence[tuple[Any, Any]]) -> _Part:
    characters: set[str] = set()
    for op, argument in items:
        if op is ops.LITERAL:
            characters.add(_blank(chr(argument)))
        elif op is ops.CATEGORY and argument is ops.CATEGORY_SPACE:
            characters.add(" ")
        else:
            return _NOTHING_KNOWN
    return _Part(frozenset(characters))


def _branch(parts: list[_Part]) -> _Part:
    spelled = [part.strings for part in parts]
    plain = all(part.rows == _ANYTHING for part in parts)
    if plain and None not in spelled and len(frozenset().union(*spelled)) <= STRINGS:
        return _Part(frozenset().union(*spelled))
    rows = tuple(dict.fromkeys(row for part in parts for row in _settled(part)))
    return _Part(None, rows if len(rows) <= ROWS else _any_of(rows))


def _repeat(low: int, high: int, part: _Part) -> _Part:
    if part.strings == {" "}:
        return _Part(frozenset({" "} if low else {"", " "}))
    rows = part.rows if low else _ANYTHING
    strings = _repeated(low, high, part.strings) if part.strings is not None else None
    if strings is None and low:
        rows = _settled(part)
    return _Part(strings, rows)


def _repeated(low: int, high: int, strings: frozenset[str]) -> frozenset[str] | None:
    if high > 3 or len(strings) ** high > STRINGS:
        return None
    times = [map("".join, product(strings, repeat=count)) for count in range(low, high + 1)]
    return frozenset(_folded(text) for texts in times for text in texts)


def _joined(left: frozenset[str], right: frozenset[str]) -> frozenset[str] | None:
    if len(left) * len(right) > STRINGS:
        return None
    return frozenset(_folded(first + second) for first in left for second in right)


def _settled(part: _Part) -> tuple[Row, ...]:
    return part.rows if part.strings is None else _all_of([part.rows, _spelled(part.strings)])


def _spelled(strings: frozenset[str]) -> tuple[Row, ...]:
    """What one of some strings requires."""
    rows = [_row(frozenset({piece}) for piece in _pieces(text)) for text in sorted(strings)]
    if not all(rows):
        return _ANYTHING
    return tuple(dict.fromkeys(rows)) if len(rows) <= SPREAD else _any_of(tuple(rows))


def _pieces(text: str) -> Iterator[str]:
    """The stretches of a string between blanks, with a blank at each sure edge of a word."""
    chunks = text.split(" ")
    for place, chunk in enumerate(chunks):
        if chunk and (len(chunk) > 1 or not chunk.isalnum() or 0 < place < len(chunks) - 1):
            before = " " if place and _is_word(chunk[0]) else ""
            after = " " if place < len(chunks) - 1 and _is_word(chunk[-1]) else ""
            yield before + _INNER_EDGE.sub(" ", chunk) + after


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _all_of(groups: list[tuple[Row, ...]]) -> tuple[Row, ...]:
    """Rows for what all of some parts require: those of one part, the others' joined to each."""
    known = [rows for rows in groups if rows != _ANYTHING]
    if not known:
        return _ANYTHING
    most = max(known, key=len)
    others = [clause for rows in known if rows is not most for clause in _any_of(rows)[0]]
    return tuple(dict.fromkeys(_row([*row, *others]) for row in most))


def _any_of(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """One row for several: a clause that holds where any of them does."""
    if len(rows) == 1:
        return rows
    if not all(rows):
        return _ANYTHING
    return (_row([_clause(literal for row in rows for literal in row[0])]),)


def _row(clauses: Iterable[Clause]) -> Row:
    return tuple(sorted(dict.fromkeys(clauses), key=_commonness)[:CLAUSES])


def _clause(literals: Iterable[str]) -> Clause:
    """The literals without those that hold another one."""
    kept: list[str] = []
    for literal in sorted(set(literals), key=lambda text: (len(text), text)):
        if not any(shorter in literal for shorter in kept):
            kept.append(literal)
    return frozenset(kept)


@lru_cache(maxsize=4096)
def _commonness(clause: Clause) -> tuple[float, list[str]]:
    lengths = (2 if literal.strip() in COMMON else len(literal) for literal in clause)
    return sum(8.0**-length for length in lengths), sorted(clause)


def _blank(character: str) -> str:
    return " " if character.isspace() else character


def _folded(text: str) -> str:
    while "  " in text:
        text = text.replace("  ", " ")
    return text
