"""The embedded emotion judge: probabilities of the GoEmotions labels from a linear model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emp_plugins.judges.embedded.features import Sparse
from emp_plugins.judges.embedded.weights import SHIPPED, LinearWeights, read, shipped
from emp_plugins.judges.memo import Memo
from emp_plugins.judges.spec import Spec

REMEMBERED = 16_384
"""Texts whose scores are kept; a row of 28 numbers each."""

BATCH = 64
"""Texts encoded at a time: their numbers fit a processor's cache."""


class LinearEmotion:
    """Calibrated probabilities of emotions in a text.

    Trained on GoEmotions: one short English comment, often with more than one emotion, hence one
    probability a label and no sum of 1. A score depends on its own text alone.

    Attributes:
        labels: Names of the columns.
        thresholds: (K,) probability from which a label counts as present, tuned for F1.
        range: Lowest and highest score.

    Args:
        weights: The encoder and the linear model.

    Example:
        >>> judge = LinearEmotion.load()
        >>> scores = judge.score(["I am scared.", "I am scared."])
        >>> scores.shape, judge.passes
        ((2, 28), 1)
    """

    range = (0.0, 1.0)

    def __init__(self, weights: LinearWeights) -> None:
        self.labels = weights.labels
        self.thresholds = weights.thresholds
        self._weights = weights
        self._coefficients = weights.coefficients.astype(np.float64)
        self._memo = Memo(REMEMBERED)

    @classmethod
    def load(cls, path: str | Path = SHIPPED) -> LinearEmotion:
        """Reads a judge from a weights file.

        Args:
            path: The ``.safetensors`` file; the shipped one by default.

        Returns:
            The judge.

        Raises:
            InputError: The file cannot be read whole or holds a number that is not finite.
        """
        return cls(read(path))

    @property
    def passes(self) -> int:
        """How many texts the model scored so far; remembered and repeated ones cost nothing."""
        return self._memo.computed

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores texts, each distinct one once.

        Args:
            texts: N strings. One without a known n-gram, such as the empty string, gets the
                model's intercept, which leaves neutral the likeliest label.

        Returns:
            (N, K) probabilities in (0, 1), a new array.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.

        Example:
            >>> judge = LinearEmotion.load()
            >>> bool((judge.score(["Hi."]) == judge.score(["Hi.", "I am so angry."])[:1]).all())
            True
        """
        if isinstance(texts, str):
            raise TypeError("a judge scores a list of strings, got one string")
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"a judge scores strings, got {type(text).__name__}")
        rows = self._memo.fetch(texts, self.compute)
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.labels))

    def compute(self, texts: Sequence[str]) -> np.ndarray:
        """Scores texts without looking at what is remembered.

        Args:
            texts: N strings.

        Returns:
            (N, K) probabilities.
        """
        starts = range(0, len(texts), BATCH)
        parts = [self._logits(texts[start : start + BATCH]) for start in starts]
        logits = np.concatenate([np.empty((0, len(self.labels))), *parts])
        return 1.0 / (1.0 + np.exp(-logits))

    def _logits(self, texts: Sequence[str]) -> np.ndarray:
        weights = self._weights
        return weights.intercept + _row_sums(weights.encoder.encode(texts), self._coefficients)


def from_spec(spec: Spec) -> LinearEmotion:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: Names the embedded backend; it has no settings.

    Returns:
        The judge on the shipped weights.
    """
    return LinearEmotion(shipped())


def _row_sums(features: Sparse, coefficients: np.ndarray) -> np.ndarray:
    """Multiplies (N, F) sparse by (F, K), adding up each row in column order.

    A matrix product could add in another order for another batch, and the last bits of a score
    would then depend on its neighbours.
    """
    products = coefficients.take(features.columns, axis=0)
    products *= features.values[:, None]
    sums = np.zeros((features.shape[0], coefficients.shape[1]))
    filled, starts = np.unique(features.rows, return_index=True)
    if len(filled):
        sums[filled] = np.add.reduceat(products, starts, axis=0)
    return sums
