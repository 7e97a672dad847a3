"""GoEmotions: its 28 labels, and the valence of a text from their probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from emp_plugins.errors import InputError, did_you_mean

VALENCE: Mapping[str, float] = MappingProxyType(
    {
        "admiration": 0.7,
        "amusement": 0.8,
        "anger": -0.8,
        "annoyance": -0.6,
        "approval": 0.5,
        "caring": 0.7,
        "confusion": -0.2,
        "curiosity": 0.2,
        "desire": 0.3,
        "disappointment": -0.7,
        "disapproval": -0.6,
        "disgust": -0.9,
        "embarrassment": -0.5,
        "excitement": 0.8,
        "fear": -0.9,
        "gratitude": 0.9,
        "grief": -1.0,
        "joy": 1.0,
        "love": 0.9,
        "nervousness": -0.7,
        "optimism": 0.6,
        "pride": 0.7,
        "realization": 0.1,
        "relief": 0.6,
        "remorse": -0.8,
        "sadness": -0.9,
        "surprise": 0.1,
        "neutral": 0.0,
    }
)
"""Valence of each label, from -1 (grief) to 1 (joy), in GoEmotions id order."""

LABELS: tuple[str, ...] = tuple(VALENCE)
"""The labels; position is the GoEmotions id."""

Formula = Literal["mean", "seed"]

_WEIGHTS = np.array(list(VALENCE.values()))


def check_probabilities(probs: ArrayLike) -> np.ndarray:
    """Makes sure that an array holds one probability for each label.

    Args:
        probs: (N, 28), finite and at least 0, columns in the order of ``LABELS``.

    Returns:
        The same numbers as a float array.

    Raises:
        InputError: Another shape, a negative number, a NaN or an infinity.
    """
    array = np.asarray(probs, dtype=float)
    if array.ndim != 2 or array.shape[1] != len(LABELS):
        raise InputError(f"probabilities: expected shape (N, {len(LABELS)}), got {array.shape}")
    if not np.isfinite(array).all() or (array < 0).any():
        raise InputError("probabilities: expected finite numbers of at least 0")
    return array


def valence(probs: ArrayLike, formula: Formula = "mean") -> np.ndarray:
    """How pleasant a text is, from the probabilities of its emotions.

    With v the label's valence, ``mean`` is sum(p * v) / sum(p), which stays within [-1, 1] and is
    0 for a row of zeros. ``seed`` is the plain sum(p * v): it grows with the number of labels that
    a judge hands out, up to 10 for probabilities of 1, and is kept for comparison.

    Args:
        probs: (N, 28) probabilities in the order of ``LABELS``.
        formula: ``"mean"`` or ``"seed"``.

    Returns:
        (N,) valences.

    Raises:
        InputError: ``probs`` has another shape or holds a NaN; ``formula`` is unknown.

    Example:
        >>> row = np.zeros((1, 28))
        >>> row[0, LABELS.index("joy")] = row[0, LABELS.index("love")] = 0.5
        >>> valence(row).round(2).tolist()
        [0.95]
    """
    if formula not in get_args(Formula):
        raise InputError(f"valence: {formula!r}: {did_you_mean(str(formula), get_args(Formula))}")
    array = check_probabilities(probs)
    if formula == "seed":
        return array @ _WEIGHTS
    # Dividing by the largest first keeps denormal rows from losing the ratio.
    peak = array.max(axis=1, keepdims=True, initial=0.0)
    share = np.divide(array, peak, out=np.zeros_like(array), where=peak > 0)
    mean = share @ _WEIGHTS / np.maximum(share.sum(axis=1), 1.0)
    return np.clip(mean, -1.0, 1.0)


def reorder(probs: ArrayLike, names: Sequence[str]) -> np.ndarray:
    """Puts a judge's columns into the order of ``LABELS``, matching them by name.

    Published checkpoints list the same labels in other orders, so position is never trusted.

    Args:
        probs: (N, K) probabilities.
        names: The K column names, in any case; each label once, further names are ignored.

    Returns:
        (N, 28) probabilities.

    Raises:
        InputError: A label is missing or named twice, or K does not fit.

    Example:
        >>> backwards = LABELS[::-1]
        >>> reorder([[0.0] * 27 + [1.0]], backwards)[0, :2].tolist()
        [1.0, 0.0]
    """
    array = np.asarray(probs, dtype=float)
    if array.ndim != 2 or array.shape[1] != len(names):
        raise InputError(
            f"probabilities: shape {array.shape} does not fit {len(names)} label names"
        )
    lowered = [name.strip().lower() for name in names]
    for label in LABELS:
        count = lowered.count(label)
        if count == 0:
            raise InputError(f"emotion label {label!r} is missing; {did_you_mean(label, lowered)}")
        if count > 1:
            raise InputError(f"emotion label {label!r} is named {count} times")
    return array[:, [lowered.index(label) for label in LABELS]]
