"""What can be said of texts while they pass by: samples, medians, distinct n-grams."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence

SAMPLE = 500
"""Replies on which distinct-n is taken, at most."""

SEED = 0
"""Of the draw of that sample."""

_WORD = re.compile(r"[a-z0-9']+")


class Reservoir:
    """A uniform sample of a stream, the same for the same stream (Vitter's algorithm R).

    Args:
        size: Texts to keep at most.

    Example:
        >>> kept = Reservoir(2)
        >>> for text in ("a", "b", "c"):
        ...     kept.add(text)
        >>> len(kept.texts)
        2
    """

    def __init__(self, size: int = SAMPLE) -> None:
        self.texts: list[str] = []
        self._size = size
        self._seen = 0
        self._rng = random.Random(SEED)

    def add(self, text: str) -> None:
        """Passes one text by."""
        self._seen += 1
        if len(self.texts) < self._size:
            self.texts.append(text)
            return
        place = self._rng.randrange(self._seen)
        if place < self._size:
            self.texts[place] = text


class Median:
    """Median and mean of numbers that pass by, in memory of a fixed size.

    Numbers are counted by their value, rounded: the median is exact to that many digits.

    Args:
        digits: Decimals that are kept.
    """

    def __init__(self, digits: int = 0) -> None:
        self._digits = digits
        self._counts: Counter[float] = Counter()
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Passes one number by."""
        self._counts[round(value, self._digits)] += 1
        self._sum += value

    @property
    def count(self) -> int:
        """How many numbers passed."""
        return self._counts.total()

    @property
    def mean(self) -> float | None:
        """Their mean; None where there were none."""
        return self._sum / self.count if self.count else None

    @property
    def median(self) -> float | None:
        """Their median, between the two in the middle where their number is even."""
        if not self.count:
            return None
        middle = ((self.count - 1) // 2, self.count // 2)
        return sum(self._at(place) for place in middle) / 2

    def _at(self, place: int) -> float:
        passed = 0
        for value in sorted(self._counts):
            passed += self._counts[value]
            if passed > place:
                return value
        raise IndexError(place)


def words(text: str) -> int:
    """How many words a text has.

    Example:
        >>> words("I hear you.")
        3
    """
    return len(text.split())


def tokens(text: str) -> list[str]:
    """Words in lower case without punctuation.

    Example:
        >>> tokens("It's late, I know.")
        ["it's", 'late', 'i', 'know']
    """
    return _WORD.findall(text.lower().replace("\u2019", "'"))


def distinct(texts: Sequence[str], n: int, most: int | None = None) -> float | None:
    """Distinct-n (Li et al. 2016): unique n-grams over all n-grams; none goes across two texts.

    Args:
        texts: The texts.
        n: 1 or more.
        most: Tokens after which the texts are cut off; None for all.

    Returns:
        The share, 0 to 1; None where there is no n-gram.

    Example:
        >>> distinct(["i hear you", "i hear him"], 1)
        0.6666666666666666
    """
    seen: set[tuple[str, ...]] = set()
    total = 0
    for found in cut(texts, most):
        grams = [tuple(found[at : at + n]) for at in range(len(found) - n + 1)]
        seen.update(grams)
        total += len(grams)
    return len(seen) / total if total else None


def cut(texts: Sequence[str], most: int | None) -> Iterator[list[str]]:
    """The tokens of texts until so many have passed."""
    left = most
    for text in texts:
        found = tokens(text)
        if left is not None:
            found = found[:left]
            left -= len(found)
        yield found
