"""The embedded clinical judge: whether a reply is worded like counselling or like a chat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from emp_plugins.judges import references
from emp_plugins.judges.embedded.features import Sparse, TfIdf
from emp_plugins.judges.embedded.weights import shipped
from emp_plugins.judges.memo import Memo
from emp_plugins.judges.spec import EmbeddedSpec

REMEMBERED = 16_384


class Spec(EmbeddedSpec):
    """Settings of the embedded clinical judge."""

    clinical_corpus: str | None = Field(
        None, description="Text file of clinical replies, one a line; the shipped ones by default."
    )
    chat_corpus: str | None = Field(
        None, description="Text file of general chat replies, one a line; the shipped ones else."
    )


class LexicalClinical:
    """Cosine of a reply's n-grams to the direction from general chat to clinical replies.

    What it can tell: the manner of speaking. Clinical replies address one person ("you feel",
    "what was it like"), chat talks about things. On 80 sentences that the corpora do not hold (40
    each, in the tests) the AUC is .98; but the number of letters alone gives .83 there and the
    count of "you" .88, so most of what it knows is simple. What it cannot tell: whether a reply is
    right, kind, safe or of use; "It sounds like you are an idiot" is worded clinically. Against
    human labels of peers' replies (EPITOME, 1,549, evaluation only) the AUC is .63 for emotional
    reactions, .80 for explorations, and .34, below chance, for interpretations, which peers often
    give by telling of themselves. Use a small weight beside rewards that look at content.

    Attributes:
        range: What replies of the corpora span, see ``references.spread``; scores can go beyond.

    Args:
        encoder: Text to tf-idf rows.
        clinical: Clinical replies.
        chat: General chat replies.

    Raises:
        InputError: The corpora cannot be told apart.

    Example:
        >>> judge = from_spec(Spec())
        >>> talk, chat = judge.score(["What was it like to hear that?", "lol nice phone, bro"])
        >>> bool(talk > 0 > chat)
        True
    """

    def __init__(self, encoder: TfIdf, clinical: Sequence[str], chat: Sequence[str]) -> None:
        ends = _dense(encoder.encode(clinical)), _dense(encoder.encode(chat))
        self._encoder = encoder
        self._direction = references.Direction.between(*ends)
        self.range = references.spread(*ends)
        self._memo = Memo(REMEMBERED)

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores texts, each distinct one once.

        Args:
            texts: N strings.

        Returns:
            (N,) cosines in [-1, 1], in practice within about 0.2 of 0: above 0 nearer to clinical
            replies. A text without a known n-gram gets the score of an empty one, which is low.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.
        """
        if isinstance(texts, str):
            raise TypeError("a judge scores a list of strings, got one string")
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"a judge scores strings, got {type(text).__name__}")
        return np.array(self._memo.fetch(texts, self._compute), dtype=np.float64)

    def _compute(self, texts: Sequence[str]) -> np.ndarray:
        return _cosines(self._encoder.encode(texts), self._direction)


def from_spec(spec: EmbeddedSpec) -> LexicalClinical:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: The corpora; where it names none, the shipped ones.

    Returns:
        The judge over the shipped vocabulary.

    Raises:
        InputError: A corpus cannot be used.
    """
    settings = spec if isinstance(spec, Spec) else Spec()
    return LexicalClinical(
        shipped().encoder,
        references.read(settings.clinical_corpus or references.CLINICAL),
        references.read(settings.chat_corpus or references.CHAT),
    )


def _dense(features: Sparse) -> np.ndarray:
    matrix = np.zeros(features.shape)
    matrix[features.rows, features.columns] = features.values
    return matrix


def _cosines(features: Sparse, direction: references.Direction) -> np.ndarray:
    """``Direction.cosines`` of sparse rows: |x - m|^2 = |x|^2 - 2 x.m + |m|^2."""
    middle, towards = direction.middle, direction.towards
    dots = _sums(features, towards[features.columns]) - (middle * towards).sum()
    squares = _sums(features, features.values - 2 * middle[features.columns]) + middle @ middle
    lengths = np.sqrt(np.maximum(squares, 0.0))
    return np.clip(np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0), -1, 1)


def _sums(features: Sparse, factors: np.ndarray) -> np.ndarray:
    """Row sums of values times factors, each row added up in column order."""
    return np.bincount(features.rows, features.values * factors, minlength=features.shape[0])
