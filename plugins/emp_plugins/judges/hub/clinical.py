"""Clinical relevance from a PsychBERT-type encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from emp_plugins.errors import InputError
from emp_plugins.judges import references
from emp_plugins.judges.hub.runtime import TextModel
from emp_plugins.judges.hub.spec import HubSpec

RELATIVE = "nlp4good/psych-search"
"""A PyTorch encoder of the same family, trained on mental-health literature."""

FLAX_ONLY = ("mnaylor/psychbert-cased",)
"""Known models whose only weights are Flax's, which transformers 5 does not read."""


class Spec(HubSpec):
    """Settings of the clinical judge."""

    backend: Literal["hf"] = Field("hf", description="hf: a transformers encoder.")
    clinical_corpus: str | None = Field(
        None, description="Text file of clinical replies, one a line; the shipped ones by default."
    )
    chat_corpus: str | None = Field(
        None, description="Text file of general chat replies, one a line; the shipped ones else."
    )


class HubClinical:
    """Cosine of a reply's mean hidden state to the direction from chat to clinical replies.

    ``(cos(x - m, a - m) - cos(x - m, b - m)) / 2`` with a and b the means of the clinical and the
    chat corpus, m halfway between them, and x the last hidden state averaged over the reply's
    tokens. Without the centring at m all cosines of a BERT are high and nearly the same (Ethayarajh
    2019). It tells a manner of speaking, not whether a reply is right, kind or safe.

    Attributes:
        range: What replies of the corpora span, see ``references.spread``; scores can go beyond.
        model: The model behind it, for its counts.

    Args:
        model: An encoder that gives mean hidden states.
        clinical: Clinical replies.
        chat: General chat replies.

    Raises:
        InputError: The corpora cannot be told apart.
    """

    def __init__(self, model: TextModel, clinical: Sequence[str], chat: Sequence[str]) -> None:
        self.model = model
        # Not through ``rows``: the references would take up what is remembered of a batch.
        vectors = model.compute([*clinical, *chat]).astype(np.float64)
        ends = vectors[: len(clinical)], vectors[len(clinical) :]
        self._direction = references.Direction.between(*ends)
        self.range = references.spread(*ends)

    @property
    def passes(self) -> int:
        """How many texts the model scored so far; remembered and repeated ones cost nothing."""
        return self.model.passes

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores texts, each distinct one once.

        Args:
            texts: N strings.

        Returns:
            (N,) cosines in [-1, 1]; above 0 nearer to clinical replies.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.
            ValueError: The model gave numbers that are not finite.
        """
        rows = self.model.rows(texts)
        return self._direction.cosines(rows) if len(rows) else np.empty(0)


def from_spec(spec: Spec) -> HubClinical:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: The encoder, how it runs, and the corpora.

    Returns:
        The judge.

    Raises:
        InputError: The encoder or a corpus cannot be used; says why and what to do.
    """
    clinical = references.read(spec.clinical_corpus or references.CLINICAL)
    chat = references.read(spec.chat_corpus or references.CHAT)
    _check_flax(spec.model)
    return HubClinical(TextModel.load("clinical", spec, "mean"), clinical, chat)


def _check_flax(model: str) -> None:
    local = Path(model).expanduser()
    stored = {path.suffix for path in local.glob("*") if path.is_file()} if local.is_dir() else None
    flax = model in FLAX_ONLY if stored is None else ".msgpack" in stored
    if flax and not (stored and stored & {".safetensors", ".bin"}):
        raise InputError(
            f"judges.clinical ({model}): it has Flax weights only (flax_model.msgpack), which "
            f"transformers 5 cannot read; use a PyTorch relative such as {RELATIVE}"
        )
