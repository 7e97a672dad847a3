"""Supportive, neutral or negative, from the embedded emotion judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from emp_plugins.affect.goemotions import LABELS, VALENCE
from emp_plugins.judges.spec import Spec

CLASSES = ("supportive", "neutral", "negative")

_VALENCE = np.array([VALENCE[label] for label in LABELS])
_MEMBERS = np.stack(
    [np.maximum(_VALENCE, 0), 1 - np.abs(_VALENCE), np.maximum(-_VALENCE, 0)], axis=1
)


class EmotionSentiment:
    """Shares of the three classes from emotion probabilities and the valence of each emotion.

    With p the probability of a label and v its valence, supportive is sum(p * max(v, 0)), negative
    is sum(p * max(-v, 0)) and neutral is sum(p * (1 - |v|)), each over sum(p): a label of valence
    -0.9 counts as nine tenths negative, one tenth neutral. So supportive minus negative is
    ``goemotions.valence``. An apology reads as remorse and hence as negative.

    Attributes:
        labels: ``("supportive", "neutral", "negative")``, names of the columns.
        range: Lowest and highest score.
        reject_above: Share of negative above which a reply is rejected outright; few texts come
            near it here, as no emotion but grief is wholly negative.

    Args:
        emotion: A judge with the 28 GoEmotions labels.

    Example:
        >>> judge = from_spec(Spec())
        >>> shares = judge.score(["Thank you so much!", "I hate this."])
        >>> [judge.labels[column] for column in shares.argmax(axis=1)]
        ['supportive', 'negative']
    """

    labels = CLASSES
    range = (0.0, 1.0)
    reject_above = 0.99

    def __init__(self, emotion: Any) -> None:
        self._emotion = emotion

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores texts.

        Args:
            texts: N strings.

        Returns:
            (N, 3) shares of supportive, neutral and negative; each row sums to 1.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.
        """
        probabilities = self._emotion.score(texts)
        return probabilities @ _MEMBERS / probabilities.sum(axis=1, keepdims=True)


def from_spec(spec: Spec) -> EmotionSentiment:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: Names the embedded backend; it has no settings.

    Returns:
        The judge over the embedded emotion judge, which it shares with every other asker.
    """
    from emp_plugins import judges

    return EmotionSentiment(judges.load("emotion", spec))
