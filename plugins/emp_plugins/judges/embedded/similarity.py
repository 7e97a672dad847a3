"""The embedded similarity judge: how much wording two texts share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emp_plugins.judges.embedded.features import Sparse, TfIdf
from emp_plugins.judges.embedded.weights import shipped
from emp_plugins.judges.spec import Spec


class LexicalSimilarity:
    """Cosine of two texts over the n-grams of the emotion judge.

    It is lexical, not semantic: a paraphrase in other words scores low, a denial in the same words
    scores high. The vocabulary is what tells emotions apart, so emotional wording counts most.

    Attributes:
        range: Lowest and highest score.

    Args:
        encoder: Text to tf-idf rows.

    Example:
        >>> judge = from_spec(Spec())
        >>> judge.score([("I lost my job.", "I lost my job."), ("I lost my job.", "")]).tolist()
        [1.0, 0.0]
    """

    range = (0.0, 1.0)

    def __init__(self, encoder: TfIdf) -> None:
        self._encoder = encoder

    def score(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """Compares pairs of texts.

        Args:
            pairs: N pairs of strings.

        Returns:
            (N,) cosines in [0, 1]: 1 for equal texts, 0 where no known n-gram is shared. The order
            within a pair does not matter.

        Raises:
            TypeError: One of the texts is no string, or a pair is one.
        """
        if any(isinstance(pair, str) for pair in pairs):
            raise TypeError("similarity compares pairs of strings, got a string for a pair")
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        place = {text: row for row, text in enumerate(texts)}
        left = np.array([place[first] for first, _ in pairs], dtype=np.int64)
        right = np.array([place[second] for _, second in pairs], dtype=np.int64)
        cosines = _cosines(self._encoder.encode(texts), left, right)
        return np.where(left == right, 1.0, np.clip(cosines, 0.0, 1.0))


def from_spec(spec: Spec) -> LexicalSimilarity:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: Names the embedded backend; it has no settings.

    Returns:
        The judge over the shipped vocabulary.
    """
    return LexicalSimilarity(shipped().encoder)


def _cosines(features: Sparse, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    squares = np.bincount(
        features.rows, features.values * features.values, minlength=features.shape[0]
    )
    norms = np.sqrt(squares[left] * squares[right])
    bounds = np.searchsorted(features.rows, np.arange(features.shape[0] + 1))
    dots = np.array([_dot(features, bounds, a, b) for a, b in zip(left, right, strict=True)])
    return np.divide(dots, norms, out=np.zeros(len(left)), where=norms > 0)


def _dot(features: Sparse, bounds: np.ndarray, left: int, right: int) -> float:
    a, b = slice(*bounds[left : left + 2]), slice(*bounds[right : right + 2])
    _, in_a, in_b = np.intersect1d(
        features.columns[a], features.columns[b], assume_unique=True, return_indices=True
    )
    return float((features.values[a][in_a] * features.values[b][in_b]).sum())
