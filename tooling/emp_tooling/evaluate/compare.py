"""How far one model's numbers lie from another's on the same prompts, and how sure that is."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emp_plugins.measure import Column
from emp_plugins.stats import CONFIDENCE, RESAMPLES
from emp_tooling.audit.stats import wilson

FLIPS = 4999
WIDTH = 64
EXACT = 12
"""Up to so many clusters that differ, all flips of their signs are counted instead of drawn."""

MANY = 1000
"""From so many clusters on their flipped sum is taken as normal."""

ROUNDING = 1e-9


@dataclass(frozen=True)
class Difference:
    """One measure of two models on the same units.

    Attributes:
        n: Units that have a number on both sides.
        clusters: Groups of units that were resampled together.
        base: Mean of the base.
        model: Mean of the model.
        difference: ``model - base``.
        low: Low end of its 95 % paired bootstrap interval.
        high: High end.
        p_below: One-sided p-value of a difference as low as this one between equal models.
        p_above: The same for one as high.
    """

    n: int
    clusters: int
    base: float
    model: float
    difference: float
    low: float
    high: float
    p_below: float
    p_above: float


@dataclass(frozen=True)
class WinRate:
    """How often the model's reply is worth more than the base's to the same prompt.

    Attributes:
        n: Prompts.
        rate: Wins and half of the ties, divided by n.
        low: Low end of its 95 % bootstrap interval; of Wilson's for as many clusters where all
            prompts were won or all were lost.
        high: High end.
        wins: Prompts with the higher total on the model's side.
        ties: Prompts with equal totals.
        losses: The rest.
        p: Two-sided sign test, ties dropped.
        p_below: One-sided sign test for a rate below one half.
        p_above: The same for one above.
    """

    n: int
    rate: float
    low: float
    high: float
    wins: int
    ties: int
    losses: int
    p: float
    p_below: float
    p_above: float


def paired(
    base: Column, model: Column, clusters: Sequence[str], seed: int = 0
) -> Difference | None:
    """Compares two columns unit by unit.

    The interval resamples whole clusters. The p-values flip the signs of the clusters' summed
    differences: for models that reply alike either sign is as likely, whatever the distribution.
    Half of the flips that give just this sum count as further out (mid-p), which keeps the level
    and finds more than the exact test where most units agree (Fagerland, Lydersen and Laake 2013).

    Args:
        base: One number a unit; None where the measure does not apply.
        model: The other model's, in the same order.
        clusters: Name of the group of each unit.
        seed: Seed of the resampling and of the flips.

    Returns:
        The difference; None where no unit has a number on both sides.

    Example:
        >>> found = paired([0.0] * 8, [1.0] * 8, list("abcdefgh"))
        >>> found.difference, round(found.p_above, 3), round(found.p_below, 3)
        (1.0, 0.002, 0.998)
    """
    rows = [
        (one, other, cluster)
        for one, other, cluster in zip(base, model, clusters, strict=True)
        if one is not None and other is not None
    ]
    if not rows:
        return None
    values = np.array([(one, other) for one, other, _ in rows], dtype=np.float64)
    sums, counts = _by_cluster(values[:, 1] - values[:, 0], [cluster for *_, cluster in rows])
    low, high = _interval(sums, counts, seed)
    below, above = _flipped(sums, seed)
    before, after = values.mean(axis=0).tolist()
    change = after - before
    return Difference(len(rows), len(sums), before, after, change, low, high, below, above)


def win_rate(base: Column, model: Column, clusters: Sequence[str], seed: int = 0) -> WinRate | None:
    """Compares two columns by which side has more.

    Args:
        base: One total a prompt.
        model: The other model's, in the same order.
        clusters: Name of the group of each prompt, for the interval.
        seed: Seed of the resampling.

    Returns:
        The win rate; None where no prompt has a total on both sides. Under equal models each
        prompt that is no tie is a fair coin, so the sign test counts prompts, not clusters.

    Example:
        >>> found = win_rate([1.0, 1.0, 1.0], [2.0, 2.0, 1.0], ["a", "b", "c"])
        >>> round(found.rate, 3), found.wins, found.ties, found.p
        (0.833, 2, 1, 0.5)
    """
    from scipy.stats import binomtest

    rows = [
        (other - one, cluster)
        for one, other, cluster in zip(base, model, clusters, strict=True)
        if one is not None and other is not None
    ]
    if not rows:
        return None
    change = np.array([value for value, _ in rows])
    won, lost = change > ROUNDING, change < -ROUNDING
    points = won + 0.5 * ~(won | lost)
    sums, counts = _by_cluster(points, [cluster for _, cluster in rows])
    low, high = _interval(sums, counts, seed)
    if len(rows) in (won.sum(), lost.sum()):  # nothing varies that could be resampled
        low, high = wilson(len(sums) if won.all() else 0, len(sums)) or (low, high)
    wins, losses = int(won.sum()), int(lost.sum())
    decided = wins + losses

    def test(side: str) -> float:
        return float(binomtest(wins, decided, alternative=side).pvalue) if decided else 1.0

    return WinRate(
        n=len(rows),
        rate=float(points.mean()),
        low=low,
        high=high,
        wins=wins,
        ties=len(rows) - decided,
        losses=losses,
        p=test("two-sided"),
        p_below=test("less"),
        p_above=test("greater"),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjustment of p-values that are looked at together (Holm 1979).

    Args:
        p_values: One a test.

    Returns:
        Adjusted ones in the same order; those at or below a level keep the chance of even one
        false alarm at that level.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    adjusted, least = [0.0] * len(p_values), 0.0
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    for rank, index in enumerate(order):
        least = max(least, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = least
    return adjusted


def _by_cluster(values: np.ndarray, clusters: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the values and number of units of each cluster."""
    _, place = np.unique(np.array(clusters, dtype=object).astype(str), return_inverse=True)
    return np.bincount(place, values), np.bincount(place).astype(np.float64)


def _interval(sums: np.ndarray, counts: np.ndarray, seed: int) -> tuple[float, float]:
    drawn = _weights(len(sums), seed)
    means = (drawn @ sums) / (drawn @ counts)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)


def _flipped(sums: np.ndarray, seed: int) -> tuple[float, float]:
    """One-sided p-values (below, above) of a sum under flips of the signs of its parts."""
    parts = sums[np.abs(sums) > ROUNDING]
    if not len(parts):
        return 0.5, 0.5
    found = float(parts.sum())
    if len(parts) >= MANY:
        z = found / math.sqrt(2 * float(parts @ parts))
        return math.erfc(-z) / 2, math.erfc(z) / 2
    exact = len(parts) <= EXACT
    flipped = (_all_signs(len(parts)) if exact else _signs(len(parts), seed)) @ parts
    slack = ROUNDING * max(1.0, float(np.abs(parts).sum()))
    lower = np.count_nonzero(flipped < found - slack)
    equal = np.count_nonzero(flipped <= found + slack) - lower
    if not exact:
        equal += 1  # the flip that was seen; all flips hold it already
    size = len(flipped) + (not exact)
    below = (lower + equal / 2) / size
    return float(below), float(1 - below)


@functools.lru_cache(maxsize=4)
def _weights(clusters: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.multinomial(clusters, np.full(clusters, 1 / clusters), RESAMPLES).astype(np.float64)


def _signs(clusters: int, seed: int) -> np.ndarray:
    return _drawn_signs(WIDTH * math.ceil(clusters / WIDTH), seed)[:, :clusters]


@functools.lru_cache(maxsize=8)
def _drawn_signs(width: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, (FLIPS, width), dtype=np.int8) * 2.0 - 1


@functools.lru_cache(maxsize=EXACT)
def _all_signs(clusters: int) -> np.ndarray:
    bits = np.arange(2**clusters)[:, None] >> np.arange(clusters)
    return (bits & 1) * 2.0 - 1
