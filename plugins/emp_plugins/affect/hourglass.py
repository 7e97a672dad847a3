"""The affective matrix: GoEmotions probabilities to the four Hourglass axes and their polarity.

Source of the axes and of polarity: Susanto, Livingstone, Ng, Cambria, "The Hourglass Model
Revisited", IEEE Intelligent Systems 2020, doi 10.1109/MIS.2020.2992799. The rows are this
project's reading of the model, and every one can be replaced.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from emp_plugins.affect.goemotions import LABELS, check_probabilities
from emp_plugins.errors import InputError, did_you_mean

AXES = ("Introspection", "Temper", "Attitude", "Sensitivity")
"""Sadness to joy, anger to calmness, disgust to pleasantness, fear to eagerness."""

THRESHOLDS = (0.01, 0.05)
"""The two activity thresholds in use: the polarity formula's, and the preference step's."""

Count = Literal["smooth", "threshold"]

_ROWS: Mapping[str, tuple[float, float, float, float]] = {
    "admiration": (0, 0, 0.8, 0),
    "amusement": (0.5, 0, 0.3, 0),
    "anger": (0, -1, 0, 0),
    "annoyance": (0, -0.6, 0, 0),
    "approval": (0, 0, 0.4, 0),
    "caring": (0.3, 0, 0.7, 0),
    "confusion": (0, 0, 0, -0.3),
    "curiosity": (0, 0, 0, 0.4),
    "desire": (0, 0, 0.4, 0.4),
    "disappointment": (-0.5, 0, -0.3, 0),
    "disapproval": (0, -0.3, -0.5, 0),
    "disgust": (0, 0, -1, 0),
    "embarrassment": (-0.3, 0, -0.4, 0),
    "excitement": (0.6, 0, 0, 0.6),
    "fear": (0, 0, 0, -1),
    "gratitude": (0.3, 0, 0.6, 0),
    "grief": (-1, 0, 0, 0),
    "joy": (1, 0, 0, 0),
    "love": (0.5, 0, 0.5, 0),
    "nervousness": (0, 0, 0, -0.7),
    "optimism": (0.5, 0, 0, 0.5),
    "pride": (0.6, 0, 0.3, 0),
    "realization": (0, 0, 0, 0.2),
    "relief": (0.3, 0.7, 0, 0),
    "remorse": (-0.5, -0.5, 0, 0),
    "sadness": (-1, 0, 0, 0),
    "surprise": (0, 0, 0, 0),
    "neutral": (0, 0, 0, 0),
}

MATRIX = np.array([_ROWS[label] for label in LABELS], dtype=float)
"""(28, 4), rows in the order of ``LABELS``, columns in the order of ``AXES``; read-only."""
MATRIX.flags.writeable = False


def matrix(overrides: Mapping[str, Sequence[float]] | None = None) -> np.ndarray:
    """The affective matrix with some rows replaced.

    Args:
        overrides: Label to its four numbers in the order of ``AXES``.

    Returns:
        A new (28, 4) array.

    Raises:
        InputError: An unknown label, a row of another length, or a number that is not finite.

    Example:
        >>> matrix({"surprise": [0.2, 0, 0, 0]})[LABELS.index("surprise")].tolist()
        [0.2, 0.0, 0.0, 0.0]
    """
    result = MATRIX.copy()
    for label, row in (overrides or {}).items():
        if label not in LABELS:
            raise InputError(f"matrix: {label}: unknown label; {did_you_mean(str(label), LABELS)}")
        result[LABELS.index(label)] = _row(label, row)
    return result


def dimensions(probs: ArrayLike, matrix: np.ndarray = MATRIX) -> np.ndarray:
    """Projects label probabilities on the four axes: e = P @ M.

    Args:
        probs: (N, 28) probabilities in the order of ``LABELS``.
        matrix: (28, 4), as ``matrix()`` returns it.

    Returns:
        (N, 4) in the order of ``AXES``. One label at probability 1 gives its row; several labels
        add up, so an axis can leave [-1, 1].

    Example:
        >>> probs = np.zeros((1, 28))
        >>> probs[0, LABELS.index("remorse")] = 1
        >>> dimensions(probs).tolist()
        [[-0.5, -0.5, 0.0, 0.0]]
    """
    return check_probabilities(probs) @ matrix


def polarity(
    dims: ArrayLike, count: Count = "smooth", threshold: float = THRESHOLDS[0]
) -> np.ndarray:
    """How good or bad a state is overall: sum(e) / N, with N the number of active axes.

    ``threshold`` counts the axes with abs(e) > threshold, at least 1, so that the result jumps
    where an axis crosses it: by a factor of 2 when a second axis becomes active.

    ``smooth`` has no jump. With g the threshold,

        N = max(1, sum(w(abs(e)))),   w(x) = 3t^2 - 2t^3,   t = min(max((x - g) / 2g, 0), 1)

    An axis up to g counts 0, one from 3g on counts 1, and between them the count rises smoothly.
    N is therefore 1 with a single active axis, never above the hard count, and equal to it once
    every active axis reaches 3g.

    Args:
        dims: (N, 4) axis values.
        count: ``"smooth"`` or ``"threshold"``.
        threshold: Activity threshold above 0; ``THRESHOLDS`` holds the usual two.

    Returns:
        (N,) polarities with the sign of sum(e). Inactive axes still add to the sum, so that
        abs(polarity) <= max(abs(e)) + 3g for ``threshold`` and + 5.1g for ``smooth``.

    Raises:
        InputError: Another shape, a number that is not finite, an unknown count, a bad threshold.

    Example:
        >>> polarity([[0.6, 0.06, 0, 0]], count="threshold").round(2).tolist()
        [0.33]
        >>> polarity([[0.6, 0.06, 0, 0], [0.6, 0.1, 0, 0]], threshold=0.05).round(2).tolist()
        [0.64, 0.47]
    """
    array = _check_dims(dims)
    if not (math.isfinite(threshold) and threshold > 0):
        raise InputError(f"polarity: threshold: expected a number above 0, got {threshold}")
    if count not in get_args(Count):
        raise InputError(f"polarity: count {count!r}: {did_you_mean(str(count), get_args(Count))}")
    active = _hard_count if count == "threshold" else _smooth_count
    return array.sum(axis=1) / active(np.abs(array), threshold)


def deficit(dims: ArrayLike) -> np.ndarray:
    """The axis that is lowest, the first one where several are.

    Args:
        dims: (N, 4) axis values.

    Returns:
        (N,) positions in ``AXES``.

    Example:
        >>> AXES[deficit([[0.2, -0.7, 0.0, -0.1]])[0]]
        'Temper'
    """
    return _check_dims(dims).argmin(axis=1)


def _smooth_count(size: np.ndarray, threshold: float) -> np.ndarray:
    t = np.clip((size - threshold) / (2 * threshold), 0.0, 1.0)
    return np.maximum((t * t * (3 - 2 * t)).sum(axis=1), 1.0)


def _hard_count(size: np.ndarray, threshold: float) -> np.ndarray:
    return np.maximum((size > threshold).sum(axis=1), 1)


def _check_dims(dims: ArrayLike) -> np.ndarray:
    array = np.asarray(dims, dtype=float)
    if array.ndim != 2 or array.shape[1] != len(AXES):
        raise InputError(f"dimensions: expected shape (N, {len(AXES)}), got {array.shape}")
    if not np.isfinite(array).all():
        raise InputError("dimensions: expected finite numbers")
    return array


def _row(label: str, row: Sequence[float]) -> list[float]:
    numbers = isinstance(row, Sequence | np.ndarray) and not isinstance(row, str)
    values = list(row) if numbers else []
    try:
        floats = [float(value) for value in values]
    except (TypeError, ValueError):
        floats = []
    if len(floats) != len(AXES) or not all(map(math.isfinite, floats)):
        wanted = ", ".join(AXES)
        raise InputError(f"matrix: {label}: expected 4 finite numbers ({wanted}), got {row!r}")
    return floats
