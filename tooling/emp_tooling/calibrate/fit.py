"""Fits a judge's calibration; needs scikit-learn for isotonic."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emp_plugins.affect import isotonic
from emp_plugins.errors import InputError

MIN_LABELS = 50
"""With fewer labelled texts a fold of the cross-validation holds under ten, and the steps of the
fit follow single raters."""

MIN_SCORES = 10
"""With fewer distinct scores there is no shape to fit."""

MIN_TEXTS = 30
"""With fewer texts the deviation is off by more than 13 % (1 / sqrt(2 n), normal scores)."""

DECIMALS = 6
FOLDS = 5


@dataclass(frozen=True)
class Fit:
    """An isotonic fit and how well it holds.

    Attributes:
        x: Knots, scores.
        y: Knots, values in [0, 1].
        held_out: (N,) predictions for each text by a fit that did not see it.
        spearman: Rank correlation of score and label.
    """

    x: list[float]
    y: list[float]
    held_out: np.ndarray
    spearman: float


def enough_labels(count: int, where: Path) -> None:
    """Refuses to fit on too few labels.

    Args:
        count: Distinct labelled texts.
        where: Their file, for the message.

    Raises:
        InputError: Fewer than ``MIN_LABELS``.
    """
    if count < MIN_LABELS:
        raise InputError(
            f"{where}: {count} distinct labelled texts, {MIN_LABELS} needed: with fewer the steps "
            "of the fit follow single raters; method range needs none"
        )


def unit_labels(
    labels: np.ndarray, low: float | None, high: float | None, where: Path
) -> np.ndarray:
    """Maps labels of any scale to [0, 1].

    Args:
        labels: (N,).
        low: Lowest label of the scale; None for the lowest seen.
        high: Highest label; None for the highest seen.
        where: The file, for messages.

    Returns:
        (N,) in [0, 1].

    Raises:
        InputError: A label lies beyond the scale, or the scale has no width.

    Example:
        >>> unit_labels(np.array([1.0, 3.0]), 1, 5, Path("rated.csv")).tolist()
        [0.0, 0.5]
    """
    low = float(labels.min()) if low is None else low
    high = float(labels.max()) if high is None else high
    if not low < high:
        raise InputError(f"{where}: label: the scale runs from {low:g} to {high:g}, no width")
    if labels.min() < low or labels.max() > high:
        raise InputError(
            f"{where}: label: seen {labels.min():g} to {labels.max():g}, beyond the scale "
            f"{low:g} to {high:g}; see --low and --high"
        )
    return (labels - low) / (high - low)


def fit_isotonic(scores: np.ndarray, targets: np.ndarray, seed: int = 0) -> Fit:
    """Fits the monotone map with the least squared error, and tests it by cross-validation.

    Args:
        scores: (N,).
        targets: (N,) labels in [0, 1].
        seed: Seed of the folds.

    Returns:
        The fit.

    Raises:
        InputError: Too few distinct scores, labels that do not rise with the scores, or
            scikit-learn is not installed.
    """
    distinct = len(np.unique(scores))
    if distinct < MIN_SCORES:
        raise InputError(
            f"{distinct} distinct scores, {MIN_SCORES} needed: with fewer there is no shape to fit"
        )
    try:
        from scipy.stats import spearmanr
        from sklearn.isotonic import IsotonicRegression
    except ImportError:
        raise InputError(
            "emp calibrate needs scikit-learn: pip install 'empathy-recipes[fit]'"
        ) from None
    spearman = float(spearmanr(scores, targets).statistic)
    if not spearman > 0:
        raise InputError(
            f"labels do not rise with the scores (Spearman {spearman:.2f}): a monotone map would "
            "be flat; this judge does not measure what was labelled, or the scale runs the other "
            "way"
        )

    def fitted(rows: np.ndarray) -> Any:
        model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        return model.fit(scores[rows], targets[rows])

    everything = np.arange(len(scores))
    held_out = np.empty(len(scores))
    for fold in np.array_split(np.random.default_rng(seed).permutation(everything), FOLDS):
        held_out[fold] = fitted(np.setdiff1d(everything, fold)).predict(scores[fold])
    whole = fitted(everything)
    x, first = np.unique(np.round(whole.X_thresholds_, DECIMALS), return_index=True)
    y = np.round(whole.y_thresholds_, DECIMALS)[first]
    knots = isotonic.checked(x.tolist(), y.tolist(), "fit: ")
    return Fit(*map(list, knots), held_out, spearman)


def measure_fixed(scores: np.ndarray, temperature: float) -> dict[str, Any]:
    """Mean and deviation of a judge's scores.

    Args:
        scores: (N,).
        temperature: Passed on to the block.

    Returns:
        The calibration block.

    Raises:
        InputError: Too few texts, or all score the same.
    """
    if len(scores) < MIN_TEXTS:
        raise InputError(
            f"{len(scores)} distinct texts, {MIN_TEXTS} needed: with fewer the deviation is off by "
            "more than 13 %"
        )
    deviation = float(f"{scores.std():.6g}")
    if deviation <= 1e-9:
        raise InputError("all texts score the same: there is no deviation to store")
    return {
        "method": "fixed",
        "mean": float(f"{scores.mean():.6g}"),
        "deviation": deviation,
        "temperature": temperature,
    }
