"""How much of one text stands in another, swapped pronouns and neighbouring words included."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from emp_plugins.rewards.language.text import sentences
from emp_plugins.rewards.language.words import FUNCTION_WORDS, stem, words

_JOINT = re.compile(
    r"[,;:()\"]+|\b(?=(?:and|but|because|since|so that|while|when|that)\b)", re.IGNORECASE
)

MAX_WORDS = 600
"""Words of either text that are compared, which bounds the time."""

JOINING = 0.3
"""Weight of a function word beside 1 for a content word."""

SKIPPED = 0.4
"""What an unmatched word within a match takes away, as a share of its weight."""


def copied_share(source: str, text: str) -> tuple[float, float]:
    """The share of a text that repeats another one.

    Each clause is aligned locally with the source (Smith and Waterman 1981) on word classes, so
    that swapped pronouns (``I`` for ``you``), other endings and common synonyms still match, and a
    changed word within a copied stretch costs little. A match adds the word's weight.

    Args:
        source: What may have been copied; the first ``MAX_WORDS`` words count.
        text: What may be a copy; the first ``MAX_WORDS`` words count.

    Returns:
        The share in [0, 1], weighted, and the text's weight: about one a content word.

    Example:
        >>> share, _ = copied_share("I lost my job, I hate it.", "You lost your job, you hate it.")
        >>> round(share, 1)
        1.0
    """
    keys = np.array([stem(word) for word in words(source)[:MAX_WORDS]])
    copied = total = 0.0
    left = MAX_WORDS
    for clause in _clauses(text):
        found = words(clause)[:left]
        left -= len(found)
        weights = [JOINING if word in FUNCTION_WORDS else 1.0 for word in found]
        copied += _best_alignment([stem(word) for word in found], weights, keys)
        total += sum(weights)
    return (copied / total if total else 0.0), total


def verbatim_share(source: str, text: str, run: int = 5) -> float:
    """The share of a text's words that stand in runs which the source holds word by word.

    Args:
        source: What may have been copied.
        text: What may be a copy.
        run: Words in a row that count as copied.

    Returns:
        A number in [0, 1]; 0 for a text shorter than a run.

    Example:
        >>> verbatim_share("They are sad and tired of work.", "Sad and tired of work, I see.")
        0.7142857142857143
    """
    there = set(_grams(words(source), run))
    found = words(text)
    marked = np.zeros(len(found), dtype=bool)
    for place, gram in enumerate(_grams(found, run)):
        if gram in there:
            marked[place : place + run] = True
    return float(marked.mean()) if len(found) else 0.0


def repeated_share(text: str, run: int = 4) -> float:
    """The share of a text's runs of words that stood in it before.

    Args:
        text: Any text.
        run: Words in a row.

    Returns:
        A number in [0, 1]; 0 for a text of fewer than two runs' length.
    """
    grams = _grams([stem(word) for word in words(text)], run)
    return 1 - len(set(grams)) / len(grams) if len(grams) > run else 0.0


def near_duplicates(rows: Sequence[Sequence[str]], alike: float = 0.7) -> float:
    """The share of words in sentences that nearly repeat an earlier one.

    Args:
        rows: Word classes of each sentence.
        alike: Jaccard similarity from which on two sentences are the same one.

    Returns:
        A number in [0, 1]; sentences of one word do not count as repeated.

    Example:
        >>> near_duplicates([["i", "hear", "you"], ["i", "hear", "you"], ["go", "on"]])
        0.375
    """
    seen: list[frozenset[str]] = []
    repeated = 0
    for row in rows:
        here = frozenset(row)
        if len(row) > 1 and any(jaccard(here, other) >= alike for other in seen):
            repeated += len(row)
        else:
            seen.append(here)
    return repeated / max(1, sum(map(len, rows)))


def jaccard(first: frozenset, second: frozenset) -> float:
    """Size of what two sets share over the size of both together, 0 where both are empty."""
    return len(first & second) / max(1, len(first | second))


def _clauses(text: str) -> list[str]:
    return [clause for sentence in sentences(text) for clause in _JOINT.split(sentence)]


def _best_alignment(keys: list[str], weights: list[float], source: np.ndarray) -> float:
    """Highest local alignment score; one row of the table at a time, gaps by a running maximum."""
    if not len(source):
        return 0.0
    row, best = np.zeros(len(source) + 1), 0.0
    slope = JOINING * np.arange(len(row))
    for key, weight in zip(keys, weights, strict=True):
        diagonal = row[:-1] + np.where(source == key, weight, -SKIPPED * weight)
        row = row - SKIPPED * weight
        row[1:] = np.maximum(row[1:], diagonal)
        row = np.maximum(np.maximum.accumulate(row + slope) - slope, 0.0)
        best = max(best, float(row.max()))
    return best


def _grams(items: Sequence[str], run: int) -> list[tuple[str, ...]]:
    return [tuple(items[start : start + run]) for start in range(len(items) - run + 1)]
