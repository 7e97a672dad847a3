"""How well calibrated scores hold: bins of the reliability curve, and errors with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from emp_plugins.affect.calibration import Calibration
from emp_plugins.stats import interval
from emp_tooling.calibrate.fit import DECIMALS, FOLDS, Fit

BINS = 10
LEAST_IN_BIN = 10


@dataclass(frozen=True)
class Bin:
    """Some texts of like score.

    Attributes:
        score: Mean score of the judge.
        label: Mean label, in [0, 1].
        low: Low end of the 95 % bootstrap interval of the mean label.
        high: Its high end.
        held_out: Mean of the predictions by fits that did not see the text.
        n: How many texts.
    """

    score: float
    label: float
    low: float
    high: float
    held_out: float
    n: int


@dataclass(frozen=True)
class Errors:
    """How far predictions are from labels.

    Attributes:
        mae: Mean absolute error.
        brier: Mean squared error; for labels of 0 and 1 the Brier score.
        brier_low: Low end of its 95 % bootstrap interval.
        brier_high: Its high end.
        ece: Expected calibration error: mean over bins of like prediction, weighted by their
            texts, of how far the mean prediction is from the mean label.
    """

    mae: float
    brier: float
    brier_low: float
    brier_high: float
    ece: float


@dataclass(frozen=True)
class Reliability:
    """What is known of a fit.

    Attributes:
        bins: By rising score, as many texts in each.
        diagram: The same by rising held-out prediction; ``score`` is then the prediction too.
        errors: Method to its errors: ``isotonic`` (on texts that the fit did not see), ``range``
            and ``mean_label`` (every text gets the mean label).
        gain: How much smaller isotonic's squared error is than the mean label's.
        gain_low: Low end of its 95 % bootstrap interval, over pairs.
        gain_high: Its high end.
        spearman: Rank correlation of score and label.
        temperature: Of method range.
        n: How many texts.
    """

    bins: tuple[Bin, ...]
    diagram: tuple[Bin, ...]
    errors: Mapping[str, Errors]
    gain: float
    gain_low: float
    gain_high: float
    spearman: float
    temperature: float
    n: int

    @property
    def warning(self) -> str:
        """What speaks against the fit; empty where nothing does."""
        if self.gain <= 0:
            return "on unseen texts the fit is no better than the mean label: do not use it"
        if self.gain_low <= 0:
            return (
                "on unseen texts the fit may be no better than the mean label (the interval of "
                "its gain holds 0): label more texts"
            )
        return ""

    def to_document(self) -> dict[str, Any]:
        """Plain types to store beside the calibration."""
        return {
            "reliability": [_rounded(asdict(one)) for one in self.bins],
            "errors": {
                "texts": self.n,
                "folds": FOLDS,
                "spearman": round(self.spearman, DECIMALS),
                **{name: _rounded(asdict(found)) for name, found in self.errors.items()},
                "gain": _rounded(
                    {"brier": self.gain, "low": self.gain_low, "high": self.gain_high}
                ),
            },
        }


def reliability(
    scores: np.ndarray,
    targets: np.ndarray,
    found: Fit,
    bounds: tuple[float, float],
    temperature: float,
) -> Reliability:
    """Measures a fit by cross-validation.

    Args:
        scores: (N,), N at least 10.
        targets: (N,) labels in [0, 1].
        found: The fit.
        bounds: The judge's range, for method range.
        temperature: Of method range.

    Returns:
        What is known of it.
    """
    predicted = {
        "isotonic": found.held_out,
        "range": Calibration(temperature=temperature).apply(scores, bounds),
        "mean_label": np.full(len(targets), targets.mean()),
    }
    gains = np.square(predicted["mean_label"] - targets) - np.square(found.held_out - targets)
    low, high = interval(gains)
    return Reliability(
        bins=_bins(scores, targets, found.held_out),
        diagram=_bins(found.held_out, targets, found.held_out),
        errors={name: errors(values, targets) for name, values in predicted.items()},
        gain=float(gains.mean()),
        gain_low=low,
        gain_high=high,
        spearman=found.spearman,
        temperature=temperature,
        n=len(scores),
    )


def errors(predicted: np.ndarray, targets: np.ndarray) -> Errors:
    """Compares predictions with labels.

    Args:
        predicted: (N,) in [0, 1].
        targets: (N,) in [0, 1].

    Returns:
        The errors.

    Example:
        >>> found = errors(np.full(20, 0.75), np.tile([0.0, 1.0], 10))
        >>> found.mae, found.brier, found.ece
        (0.5, 0.3125, 0.25)
    """
    away = predicted - targets
    low, high = interval(np.square(away))
    gaps = [len(rows) * abs(away[rows].mean()) for rows in _tied_groups(predicted)]
    return Errors(
        mae=float(np.abs(away).mean()),
        brier=float(np.square(away).mean()),
        brier_low=low,
        brier_high=high,
        ece=float(sum(gaps) / len(targets)),
    )


def _bins(values: np.ndarray, targets: np.ndarray, held_out: np.ndarray) -> tuple[Bin, ...]:
    order = np.argsort(values, kind="stable")
    found = []
    for rows in np.array_split(order, _count(len(values))):
        low, high = interval(targets[rows])
        means = (values[rows].mean(), targets[rows].mean(), low, high, held_out[rows].mean())
        found.append(Bin(*map(float, means), n=len(rows)))
    return tuple(found)


def _tied_groups(values: np.ndarray) -> list[np.ndarray]:
    """Rows in groups of about equal count by rising value; equal values share a group."""
    rank = np.searchsorted(np.sort(values), values, side="left")
    group = rank * _count(len(values)) // len(values)
    return [np.flatnonzero(group == number) for number in np.unique(group)]


def _count(texts: int) -> int:
    return max(1, min(BINS, texts // LEAST_IN_BIN))


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, DECIMALS) if isinstance(value, float) else value
        for name, value in values.items()
    }
