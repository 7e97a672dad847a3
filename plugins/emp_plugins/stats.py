"""Intervals of means, by bootstrap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RESAMPLES = 1000
CONFIDENCE = 0.95


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of a mean.

    Args:
        values: The sample, not empty.
        seed: Seed of the 1000 resamples.

    Returns:
        Low and high end.

    Example:
        >>> low, high = interval([0.0, 1.0] * 50)
        >>> round(low, 1), round(high, 1)
        (0.4, 0.6)
    """
    data = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed)
    means = data[rng.integers(0, len(data), (RESAMPLES, len(data)))].mean(axis=1)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)
