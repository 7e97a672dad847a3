"""Which of many patterns may match a text, told by the words that they need."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from emp_plugins.patterns.literals import Clause, edged, may_be_empty, required

CACHED_CHUNKS = 65_536
LONGEST_CACHED_CHUNK = 40


class Patterns:
    """Patterns that are run on a text only where it holds what they need.

    A text is split at white space. What a chunk holds of the literals that the alternatives
    require (``literals.required``) is looked up by its substrings and cached, so that a text costs
    a look-up a word, however many patterns there are. No match is ever lost: an alternative is left
    out only where the text lacks what each of its matches must hold.

    Args:
        sources: Name of each pattern to its alternatives, in their order.

    Example:
        >>> sources = {"sad": ["so+ sad", "down"], "glad": ["glad|happy"], "any": ["[a-z]"]}
        >>> patterns = Patterns(sources)
        >>> list(patterns.possible("i am happy"))
        ['glad', 'any']
        >>> [one.pattern for one in patterns.possible("it is sooo sad")["sad"]]
        ['so+ sad']
    """

    def __init__(self, sources: Mapping[Hashable, Sequence[str]]) -> None:
        self._alternatives: list[tuple[Hashable, str]] = []
        self._always: list[int] = []
        self._rows: dict[int, list[tuple[int, frozenset[int]]]] = {}
        self._clauses: dict[str, set[int]] = {}
        numbers: dict[Clause, int] = {}
        for name, alternatives in sources.items():
            for source in _apart(alternatives):
                self._add(len(self._alternatives), required(source), numbers)
                self._alternatives.append((name, source))
        for clause, number in numbers.items():
            for literal in clause:
                self._clauses.setdefault(literal, set()).add(number)
        self._rare = frozenset(self._rows)
        self._lengths = sorted({len(literal) for literal in self._clauses})
        self._cached: Callable[[str], frozenset[int]] = lru_cache(CACHED_CHUNKS)(self._look_up)

    def possible(self, text: str) -> Mapping[Any, Sequence[re.Pattern[str]]]:
        """The patterns that may match, with those of their alternatives that may.

        Args:
            text: What will be searched, as a whole: at its ends, as at those of a part of it, a
                word may end that goes on in the text around.

        Returns:
            Names, in the order of ``sources``, with alternatives in theirs, for ``matches`` and
            ``first``.
        """
        met: set[int] = set()
        for chunk in text.split():
            short = len(chunk) <= LONGEST_CACHED_CHUNK
            met |= self._cached(chunk) if short else self._look_up(chunk)
        places = set(self._always)
        for clause in met & self._rare:
            for place, others in self._rows[clause]:
                if place not in places and others <= met:
                    places.add(place)
        found: dict[Hashable, list[re.Pattern[str]]] = {}
        for place in sorted(places):
            name, source = self._alternatives[place]
            found.setdefault(name, []).append(_compiled(source))
        return found

    def _add(
        self, place: int, rows: Sequence[Sequence[Clause]], numbers: dict[Clause, int]
    ) -> None:
        if not all(rows):
            self._always.append(place)
            return
        for row in rows:
            # Only rows whose first clause is met are looked at, so the rarest one comes first.
            rare, *others = (numbers.setdefault(clause, len(numbers)) for clause in row)
            self._rows.setdefault(rare, []).append((place, frozenset(others)))

    def _look_up(self, chunk: str) -> frozenset[int]:
        chunk = edged(chunk)
        found: set[int] = set()
        for length in self._lengths:
            for start in range(len(chunk) - length + 1):
                found.update(self._clauses.get(chunk[start : start + length], ()))
        return frozenset(found)


def _apart(alternatives: Sequence[str]) -> Sequence[str]:
    """The alternatives, or all in one where ``matches`` could not tell how they join."""
    return ["|".join(alternatives)] if any(map(may_be_empty, alternatives)) else alternatives


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)
