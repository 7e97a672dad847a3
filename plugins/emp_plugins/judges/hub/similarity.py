"""Semantic similarity of two texts, from a sentence-transformers cross-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field

from emp_plugins.errors import InputError
from emp_plugins.judges.hub import loading, source
from emp_plugins.judges.hub.activations import sigmoid
from emp_plugins.judges.hub.runtime import TextModel
from emp_plugins.judges.hub.spec import HubSpec


class Spec(HubSpec):
    """Settings of the similarity judge."""

    backend: Literal["cross_encoder"] = Field(
        "cross_encoder", description="cross_encoder: a sentence-transformers cross-encoder."
    )


class CrossEncoderSimilarity:
    """Similarity in [0, 1] as a cross-encoder such as cross-encoder/stsb-roberta-large reads it.

    The score is the sigmoid of the model's one output, which is what ``CrossEncoder.predict`` gives
    by default. Repeating the other text is the best answer to it: pair it with ``novelty``.

    Attributes:
        range: Lowest and highest score.
        model: The model behind it, for its counts.

    Args:
        model: A cross-encoder with one output.

    Raises:
        InputError: The head has more than one output.
    """

    range = (0.0, 1.0)

    def __init__(self, model: TextModel) -> None:
        if len(model.labels) != 1:
            raise InputError(
                f"{model.name}: the head has {len(model.labels)} outputs, similarity needs one; "
                "name a cross-encoder trained on STS (cross-encoder/stsb-roberta-large)"
            )
        self.model = model

    def score(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """Compares pairs of texts.

        Args:
            pairs: N pairs of strings; the order within a pair matters a little to the model.

        Returns:
            (N,) similarities in [0, 1].

        Raises:
            TypeError: An item is no pair of strings.
            ValueError: The model gave numbers that are not finite.
        """
        return sigmoid(self.model.pair_rows(pairs)[:, 0])


def from_spec(spec: Spec) -> CrossEncoderSimilarity:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: The checkpoint and how it runs.

    Returns:
        The judge.

    Raises:
        InputError: The checkpoint cannot be used; says why and what to do.
    """
    name = f"judges.similarity ({spec.model})"
    encoder = _load(name, spec)
    model = TextModel.of(name, spec, encoder.model, encoder.tokenizer, "logits")
    return CrossEncoderSimilarity(model)


def _load(name: str, spec: Spec) -> Any:
    try:
        from sentence_transformers import CrossEncoder
    except ImportError:
        raise InputError(
            f"{name}: needs sentence-transformers: pip install 'empathy-recipes[judges]'"
        ) from None
    found = source.folder(name, spec.model, spec.revision)
    if not source.has_vocabulary(found):
        raise source.no_vocabulary(name)
    with loading.one_line(name, "cannot be loaded"):
        encoder = CrossEncoder(
            str(found),
            device=loading.device(name, spec),
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True, "dtype": loading.dtype(name, spec)},
        )
    if encoder.model is None or len(encoder) != 1:
        raise InputError(f"{name}: no plain sequence-classification cross-encoder; use another")
    loading.check_head(name, encoder.model, found)
    return encoder
