"""How well probabilities of several labels fit what people labelled."""

from __future__ import annotations

import numpy as np


def f1_scores(predicted: np.ndarray, present: np.ndarray) -> np.ndarray:
    """F1 of each label: 2 TP / (predicted + present).

    Args:
        predicted: (N, K) bool.
        present: (N, K) bool.

    Returns:
        (K,) in [0, 1]; 0 for a label neither predicted nor present.

    Example:
        >>> f1_scores(np.array([[True], [True]]), np.array([[True], [False]])).round(2).tolist()
        [0.67]
    """
    hits = (predicted & present).sum(axis=0)
    return 2 * hits / np.maximum(predicted.sum(axis=0) + present.sum(axis=0), 1)


def micro_f1(predicted: np.ndarray, present: np.ndarray) -> float:
    """F1 over all cells at once.

    Args:
        predicted: (N, K) bool.
        present: (N, K) bool.

    Returns:
        A number in [0, 1].
    """
    return float(f1_scores(predicted.reshape(-1, 1), present.reshape(-1, 1))[0])


def auc_scores(probabilities: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of each label: P(score of a positive > score of a negative).

    Ties count one half (Mann-Whitney U).

    Args:
        probabilities: (N, K).
        present: (N, K) bool.

    Returns:
        (K,) in [0, 1], NaN for a label that all or none of the texts have.

    Example:
        >>> present = np.array([[True], [False], [False]])
        >>> auc_scores(np.array([[0.9], [0.9], [0.1]]), present).tolist()
        [0.75]
    """
    columns = zip(probabilities.T, present.T, strict=True)
    return np.array([_auc(scores, positive) for scores, positive in columns])


def calibration_error(probabilities: np.ndarray, present: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over all cells, in bins of equal width (Naeini et al. 2015).

    Args:
        probabilities: (N, K) in [0, 1].
        present: (N, K) bool.
        bins: Number of bins.

    Returns:
        Mean distance of predicted probability and observed rate, weighted by the bins' sizes.

    Example:
        >>> calibration_error(np.array([[0.5], [0.5]]), np.array([[True], [False]]))
        0.0
    """
    flat, hit = probabilities.ravel(), present.ravel()
    place = np.minimum((flat * bins).astype(int), bins - 1)
    gaps = np.bincount(place, flat, bins) - np.bincount(place, hit, bins)
    return float(np.abs(gaps).sum() / len(flat))


def best_threshold(scores: np.ndarray, positive: np.ndarray) -> float:
    """The threshold with the best F1, the highest one where several are equal.

    Args:
        scores: (N,) probabilities.
        positive: (N,) bool.

    Returns:
        The midpoint between the last score taken and the next, so ``scores > threshold``
        predicts; 0.5 where nothing is positive.

    Example:
        >>> best_threshold(np.array([0.9, 0.6, 0.2]), np.array([True, True, False]))
        0.4
    """
    if not positive.any():
        return 0.5
    levels, place = np.unique(-scores, return_inverse=True)
    taken = np.cumsum(np.bincount(place))
    hits = np.cumsum(np.bincount(place, positive))
    best = int((2 * hits / (taken + positive.sum())).argmax())
    following = -levels[best + 1] if best + 1 < len(levels) else 0.0
    return float((-levels[best] + following) / 2)


def _auc(scores: np.ndarray, positive: np.ndarray) -> float:
    ones = int(positive.sum())
    zeros = len(positive) - ones
    if not ones or not zeros:
        return float("nan")
    _, place, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(sizes) - (sizes - 1) / 2
    return float((ranks[place][positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))
