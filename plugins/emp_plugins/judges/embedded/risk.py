"""The embedded risk judge: how likely a client's message discloses risk of suicide or self-harm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from emp_plugins.judges.embedded.emotion import LinearEmotion
from emp_plugins.judges.embedded.features import normalise
from emp_plugins.judges.embedded.weights import LinearWeights, read
from emp_plugins.judges.spec import Spec

__all__ = ["LABEL", "SHIPPED", "LinearRisk", "Spec", "drawn", "from_spec"]

SHIPPED = Path(__file__).parent / "weights" / "risk.safetensors"
"""The weights that come with the package."""

LABEL = "risk"
"""The one label of the model: level 2 or more."""

FEW = 5
"""Words that weigh as much as knowing nothing; chosen on left-out predictions."""

USUAL = 17
"""Words of the median training message: from there on a probability stays as it is."""

_NEARLY_SURE = 1e-12


class LinearRisk:
    """Probability that one message discloses risk, passive wishes and self-harm included.

    A linear model over word and character n-grams, trained on messages that several writers wrote
    for this project (``risk_messages/``). It reads wording and no context, was never measured on
    real clients, and must not be used to triage people. It is the second reader beside the phrase
    tables of ``emp_plugins.safety``: they say which phrase they saw, this one generalises.

    Attributes:
        range: Lowest and highest score.

    Args:
        weights: The encoder and the linear model, with one label.

    Example:
        >>> judge = from_spec(Spec())
        >>> risky, plain = judge.score(["i wont be around for christmas", "I passed my exam!"])
        >>> bool(risky > plain)
        True
    """

    range = (0.0, 1.0)

    def __init__(self, weights: LinearWeights) -> None:
        self._model = LinearEmotion(weights)

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores messages, each distinct one once.

        Few words say little: the shorter a message, the nearer its probability to 0.5 (``drawn``).

        Args:
            texts: N messages of clients.

        Returns:
            (N,) probabilities in (0, 1) that the level is 2 or more, on messages 58 % of which
            are at risk, as the training messages are; in ordinary text risk is far rarer.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.
        """
        sure = np.clip(self._model.score(texts)[:, 0], _NEARLY_SURE, 1 - _NEARLY_SURE)
        return 1 / (1 + np.exp(-drawn(np.log(sure / (1 - sure)), texts)))


def drawn(logits: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Draws the logits of short messages towards 0.

    N-grams are weighed to the same total in every text, so in "It is the other one." a few words
    that say nothing decide alone. Multiplies by w / (w + 5) for w words, scaled to reach 1 at the
    usual 17; longer messages keep their logits.

    Args:
        logits: (N,) calibrated.
        texts: The N messages.

    Returns:
        (N,) logits.

    Example:
        >>> drawn(np.array([2.0, 2.0]), ["That is it.", " ".join(["word"] * 17)]).round(2).tolist()
        [0.97, 2.0]
    """
    words = np.array([len(normalise(text).split()) for text in texts], dtype=float)
    return logits * np.minimum(1.0, words / (words + FEW) * ((USUAL + FEW) / USUAL))


def from_spec(spec: Spec) -> LinearRisk:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: Names the embedded backend; it has no settings.

    Returns:
        The judge on the shipped weights.
    """
    return LinearRisk(_shipped())


@cache
def _shipped() -> LinearWeights:
    return read(SHIPPED)
