"""The embedded risk judge: how likely a client's message discloses risk of suicide or self-harm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from emp_plugins.judges.embedded.emotion import LinearEmotion
from emp_plugins.judges.embedded.weights import LinearWeights, read
from emp_plugins.judges.spec import Spec

__all__ = ["LABEL", "SHIPPED", "LinearRisk", "Spec", "from_spec"]

SHIPPED = Path(__file__).parent / "weights" / "risk.safetensors"
"""The weights that come with the package."""

LABEL = "risk"
"""The one label of the model: level 2 or more."""


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

        Args:
            texts: N messages of clients.

        Returns:
            (N,) probabilities in (0, 1) that the level is 2 or more, on messages 59 % of which
            are at risk, as the training messages are; in ordinary text risk is far rarer.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.
        """
        return self._model.score(texts)[:, 0]


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
