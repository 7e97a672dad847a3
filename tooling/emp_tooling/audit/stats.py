"""The numbers of an audit: AUC, rank correlations, and their intervals."""

from __future__ import annotations

import math

import numpy as np

from emp_plugins.judges.metrics import auc_scores

RESAMPLES = 1000
CONFIDENCE = 0.95
Z = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 % above it."""


def auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve; ties count one half.

    Args:
        scores: (N,).
        positive: (N,) bool.

    Returns:
        A number in [0, 1]; NaN where all or none are positive.

    Example:
        >>> auc(np.array([0.9, 0.4, 0.4]), np.array([True, True, False]))
        0.75
    """
    return float(auc_scores(scores[:, None], positive[:, None])[0])


def auc_interval(scores: np.ndarray, positive: np.ndarray, seed: int) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of an AUC.

    Positives and negatives are drawn anew apart, 1000 times, so each resample keeps their numbers
    and has an AUC. All resamples are counted in one pass over the sorted scores.

    Args:
        scores: (N,).
        positive: (N,) bool.
        seed: Seed of the resampling.

    Returns:
        Low and high end; NaN where all or none are positive.
    """
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if not ones or not zeros:
        return math.nan, math.nan
    rng = np.random.default_rng(seed)
    levels, place = np.unique(scores, return_inverse=True)
    drawn = [_drawn(rng, place[side], len(levels)) for side in (positive, ~positive)]
    below = np.cumsum(drawn[1], axis=1) - drawn[1] / 2
    found = (drawn[0] * below).sum(axis=1) / (ones * zeros)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(found, [tail, 100 - tail])
    return float(low), float(high)


def _drawn(rng: np.random.Generator, place: np.ndarray, levels: int) -> np.ndarray:
    """How often each score level comes up in each resample, (RESAMPLES, levels)."""
    drawn = place[rng.integers(0, len(place), (RESAMPLES, len(place)))]
    cells = drawn + levels * np.arange(RESAMPLES)[:, None]
    return np.bincount(cells.ravel(), minlength=RESAMPLES * levels).reshape(RESAMPLES, levels)


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation.

    Args:
        first: (N,).
        second: (N,).

    Returns:
        A number in [-1, 1]; NaN where one of the two is constant.

    Example:
        >>> spearman(np.array([1.0, 2.0, 9.0]), np.array([1.0, 5.0, 6.0]))
        1.0
    """
    x, y = ranks(first), ranks(second)
    x, y = x - x.mean(), y - y.mean()
    scale = math.sqrt((x @ x) * (y @ y))
    return round(float(x @ y) / scale, 12) if scale else math.nan


def partial_spearman(first: np.ndarray, second: np.ndarray, fixed: np.ndarray) -> float:
    """Spearman's correlation of two with a third held fixed.

    ``(r12 - r13 r23) / sqrt((1 - r13^2)(1 - r23^2))``; a constant third takes nothing away.

    Args:
        first: (N,).
        second: (N,).
        fixed: (N,).

    Returns:
        A number in [-1, 1]; NaN where one of the first two is constant or a copy of the third.
    """
    both = spearman(first, second)
    one, two = spearman(first, fixed), spearman(second, fixed)
    if math.isnan(one) or math.isnan(two):
        return both
    scale = math.sqrt(max(0.0, (1 - one**2) * (1 - two**2)))
    return (both - one * two) / scale if scale else math.nan


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, ties share their mean rank.

    Args:
        values: (N,).

    Returns:
        (N,).

    Example:
        >>> ranks(np.array([5.0, 1.0, 5.0])).tolist()
        [2.5, 1.0, 2.5]
    """
    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(sizes) - (sizes - 1) / 2)[place]


def wilson(hits: int, n: int) -> tuple[float, float] | None:
    """Wilson's 95 % interval of a share (Wilson 1927).

    Args:
        hits: How many of the ``n`` count.
        n: Size of the sample.

    Returns:
        Low and high end, None for an empty sample.

    Example:
        >>> [round(end, 3) for end in wilson(0, 50)]
        [0.0, 0.071]
    """
    if not n:
        return None
    share, spread = hits / n, Z**2 / n
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
