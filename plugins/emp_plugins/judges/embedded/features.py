"""Text to sparse tf-idf rows: the one n-gram extractor, used to train judges and to run them.

An n-gram is a word, a pair of neighbouring words (block ``words``), or 3 to 5 characters within one
chunk of non-space text, padded with a space at both ends (block ``chars``). A text is lower-cased
and split once; what a chunk contributes is looked up in a cache, which is where the speed is from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

CHAR_SIZES = (3, 4, 5)

CACHED_CHUNKS = 65_536
LONGEST_CACHED_CHUNK = 40

CACHED_TEXTS = 2048
"""Texts whose n-grams are kept: more than one judge asks for those of one batch."""

_WORD = re.compile(r"\w+(?:'\w+)*|[^\w\s]")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_LONG_RUN = re.compile(r"(.)\1{3,}")


@dataclass(frozen=True)
class Sparse:
    """A sparse matrix with one row a text, as three arrays sorted by row, then column.

    Attributes:
        shape: Number of texts and of features.
        rows: (nnz,) row of each value.
        columns: (nnz,) column of each value, unique within its row.
        values: (nnz,) floats.
    """

    shape: tuple[int, int]
    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray


def normalise(text: str) -> str:
    """Makes spellings of the same text equal before n-grams are taken.

    Args:
        text: Any string.

    Returns:
        The text in NFKC, lower-cased, with straight quotes, runs of one character cut to three
        and lone surrogates left out.

    Raises:
        TypeError: ``text`` is no string.

    Example:
        >>> normalise("I\u2019m SOOOOO tired")
        "i'm sooo tired"
    """
    if not isinstance(text, str):
        raise TypeError(f"a judge scores strings, got {type(text).__name__}")
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode("utf-8")
        text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return _LONG_RUN.sub(r"\1\1\1", text.lower())


def words_of(chunk: str) -> list[str]:
    """Words and punctuation marks of one chunk.

    Args:
        chunk: Normalised text without white space.

    Returns:
        Its tokens in order.

    Example:
        >>> words_of("don't!!")
        ["don't", '!', '!']
    """
    return _WORD.findall(chunk)


def char_ngrams(chunk: str) -> list[str]:
    """Character n-grams of one chunk, padded with a space at both ends.

    Args:
        chunk: Normalised text without white space.

    Returns:
        Every n-gram of 3 to 5 characters, repeated ones too.

    Example:
        >>> char_ngrams("ok")
        [' ok', 'ok ', ' ok ']
    """
    padded = f" {chunk} "
    length = len(padded) + 1
    return [padded[at : at + size] for size in CHAR_SIZES for at in range(length - size)]


class NGrams:
    """Counts the n-grams of a fixed vocabulary.

    Args:
        words: Words and pairs of words joined by a space; columns 0 and on.
        chars: Character n-grams; the columns after those of ``words``.

    Example:
        >>> counts = NGrams(["so", "so so"], ["so "]).counts(["So so", "no"])
        >>> counts.columns.tolist(), counts.values.tolist()
        ([0, 1, 2], [2.0, 1.0, 2.0])
    """

    def __init__(self, words: Sequence[str], chars: Sequence[str]) -> None:
        self.words = tuple(words)
        self.chars = tuple(chars)
        self._word_ids = {word: column for column, word in enumerate(words)}
        self._char_ids = {gram: column for column, gram in enumerate(chars, start=len(words))}
        self._cached: Callable[[str], tuple[list[int], list[str]]]
        self._cached = lru_cache(CACHED_CHUNKS)(self._look_up)
        self._columns: Callable[[str], np.ndarray] = lru_cache(CACHED_TEXTS)(self._collect)

    def __len__(self) -> int:
        return len(self.words) + len(self.chars)

    def counts(self, texts: Sequence[str]) -> Sparse:
        """Counts n-grams.

        Args:
            texts: N strings.

        Returns:
            (N, features) counts; a text without a known n-gram has an empty row.

        Raises:
            TypeError: One of ``texts`` is no string.
        """
        found = [self._columns(text) for text in texts]
        columns = np.concatenate([np.empty(0, np.int64), *found])
        width = max(len(self), 1)
        rows = np.repeat(np.arange(len(texts), dtype=np.int64), [len(row) for row in found])
        keys, counts = np.unique(rows * width + columns, return_counts=True)
        shape = (len(texts), len(self))
        return Sparse(shape, keys // width, keys % width, counts.astype(np.float64))

    def _collect(self, text: str) -> np.ndarray:
        """The column of each known n-gram of a text, repeated ones too."""
        columns: list[int] = []
        words: list[str] = []
        for chunk in normalise(text).split():
            look_up = self._cached if len(chunk) <= LONGEST_CACHED_CHUNK else self._look_up
            ids, tokens = look_up(chunk)
            columns += ids
            words += tokens
        known = self._word_ids
        for first, second in pairwise(words):
            column = known.get(f"{first} {second}")
            if column is not None:
                columns.append(column)
        return np.array(columns, np.int64)

    def _look_up(self, chunk: str) -> tuple[list[int], list[str]]:
        words = words_of(chunk)
        word_ids, char_ids = self._word_ids, self._char_ids
        ids = [word_ids[word] for word in words if word in word_ids]
        ids += [char_ids[gram] for gram in char_ngrams(chunk) if gram in char_ids]
        return ids, words


@dataclass(frozen=True)
class TfIdf:
    """N-gram counts to tf-idf rows: (1 + log(count)) * idf, each block divided by its L2 norm.

    Attributes:
        ngrams: The vocabulary.
        idf: (features,) inverse document frequencies, at least 1.
    """

    ngrams: NGrams
    idf: np.ndarray

    def encode(self, texts: Sequence[str]) -> Sparse:
        """Encodes texts.

        Args:
            texts: N strings.

        Returns:
            (N, features) values above 0. The words of a row have norm 1, and so have its
            characters; a row depends on its own text alone.

        Raises:
            TypeError: One of ``texts`` is no string.
        """
        return self.weigh(self.ngrams.counts(texts))

    def weigh(self, counts: Sparse) -> Sparse:
        """Turns counts into tf-idf rows.

        Args:
            counts: What ``NGrams.counts`` returned.

        Returns:
            The same cells, weighted and normalised.
        """
        values = (1.0 + np.log(counts.values)) * self.idf[counts.columns]
        block = counts.rows * 2 + (counts.columns >= len(self.ngrams.words))
        norms = np.sqrt(np.bincount(block, values * values, minlength=2 * counts.shape[0]))
        return Sparse(counts.shape, counts.rows, counts.columns, values / norms[block])
