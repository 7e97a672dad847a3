"""Near-duplicate texts by MinHash, in memory of a fixed size.

MinHash (Broder 1997) estimates the Jaccard similarity of two sets of word 3-grams by the share of
equal minima over random permutations. Candidates come from bands of the signature (locality
sensitive hashing) in a table of fixed size that remembers the latest text for each slot, so a text
is compared with about the last ``capacity`` ones.
"""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np

THRESHOLD = 0.8
"""Jaccard similarity from which on two texts are near-duplicates."""

PERMUTATIONS, BANDS = 120, 20
_ROWS = PERMUTATIONS // BANDS
_MIX = np.random.default_rng(0).integers(1, 1 << 63, _ROWS, dtype=np.uint64) | np.uint64(1)
_WORD = re.compile(r"[a-z0-9']+")


def shingles(text: str) -> set[str]:
    """Word 3-grams of a text, in lower case; the words themselves where there are fewer than 3.

    Example:
        >>> sorted(shingles("I hear you. I hear!"))
        ['hear you i', 'i hear you', 'you i hear']
    """
    words = _WORD.findall(text.lower().replace("\u2019", "'"))
    if len(words) < 3:
        return set(words)
    return {" ".join(words[at : at + 3]) for at in range(len(words) - 2)}


class NearDuplicates:
    """Remembers texts and tells whether a new one is much like one of them.

    Args:
        threshold: Jaccard similarity from which on two texts are near-duplicates.
        capacity: About how many of the latest texts are remembered, rounded up to a power of 2.

    Example:
        >>> seen = NearDuplicates()
        >>> seen.add("It sounds like the days have lost their colour for you.")
        False
        >>> seen.add("It sounds like the days have lost their colour for you!")
        True
    """

    def __init__(self, threshold: float = THRESHOLD, capacity: int = 1 << 16) -> None:
        self.threshold = threshold
        self._slots = 1 << (capacity - 1).bit_length()
        self._table = np.zeros((BANDS, self._slots), dtype=np.uint32)
        self._signatures = np.zeros((self._slots, PERMUTATIONS), dtype=np.uint16)
        self._bands = np.arange(BANDS)
        self._count = 0

    def add(self, text: str) -> bool:
        """Remembers a text that is new.

        Args:
            text: Any text.

        Returns:
            Whether it is a near-duplicate of one remembered; such a text is not remembered.
        """
        signature = minhash(text)
        slots = self._hashed(signature)
        if self._like(signature, slots):
            return True
        place = self._count % self._slots
        self._signatures[place] = signature
        self._table[self._bands, slots] = place + 1
        self._count += 1
        return False

    def knows(self, text: str) -> bool:
        """Whether a text is a near-duplicate of one remembered; it is not remembered itself."""
        signature = minhash(text)
        return self._like(signature, self._hashed(signature))

    def _like(self, signature: np.ndarray, slots: np.ndarray) -> bool:
        known = self._table[self._bands, slots]
        places = np.unique(known[known > 0]) - 1
        if not len(places):
            return False
        return bool((self._signatures[places] == signature).mean(axis=1).max() >= self.threshold)

    def _hashed(self, signature: np.ndarray) -> np.ndarray:
        """The slot of each band."""
        mixed = signature.reshape(BANDS, _ROWS).astype(np.uint64) @ _MIX
        return (mixed >> np.uint64(20)).astype(np.int64) & (self._slots - 1)


def minhash(text: str) -> np.ndarray:
    """The MinHash signature of a text: (120,) unsigned 16-bit integers, by datasketch."""
    sketch = _empty().copy()
    sketch.update_batch([shingle.encode() for shingle in shingles(text)] or [b""])
    # The low bits are as random as all of them.
    return sketch.hashvalues.astype(np.uint16)


def share(texts: Iterable[str], threshold: float = THRESHOLD) -> float:
    """Share of texts that are near-duplicates of an earlier one.

    Args:
        texts: In order.
        threshold: See `NearDuplicates`.

    Returns:
        0 to 1; 0 where there are none.
    """
    seen = NearDuplicates(threshold)
    found = [seen.add(text) for text in texts]
    return sum(found) / len(found) if found else 0.0


@functools.cache
def _empty() -> Any:
    from datasketch import MinHash

    return MinHash(num_perm=PERMUTATIONS, hashfunc=zlib.crc32)
