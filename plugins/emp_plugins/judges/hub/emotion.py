"""Emotion from any GoEmotions classifier on the hub, its labels matched by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from emp_plugins.affect.goemotions import LABELS, reorder
from emp_plugins.errors import InputError
from emp_plugins.judges.hub.activations import sigmoid, softmax
from emp_plugins.judges.hub.runtime import TextModel
from emp_plugins.judges.hub.spec import HubSpec


class Spec(HubSpec):
    """Settings of the emotion judge."""

    backend: Literal["hf"] = Field("hf", description="hf: a transformers checkpoint.")
    threshold: float = Field(
        0.5, gt=0, lt=1, description="Probability from which a label counts as present."
    )


class HubEmotion:
    """Probabilities of the 28 GoEmotions labels, as the embedded emotion judge gives them.

    Attributes:
        labels: Names of the columns, in GoEmotions order whatever the checkpoint's order.
        thresholds: (28,) probability from which a label counts as present.
        range: Lowest and highest score.
        model: The model behind it, for its counts.

    Args:
        model: A classifier with the 28 labels, in any order and case.
        threshold: See ``thresholds``.

    Raises:
        InputError: The head has other labels.
    """

    range = (0.0, 1.0)

    def __init__(self, model: TextModel, threshold: float = 0.5) -> None:
        _check(model)
        self.labels = LABELS
        self.thresholds = np.full(len(LABELS), threshold)
        self.model = model
        # GoEmotions is multi-label: several emotions may be present, or none.
        single = model.config.problem_type == "single_label_classification"
        self._activation = softmax if single else sigmoid

    @property
    def passes(self) -> int:
        """How many texts the model scored so far; remembered and repeated ones cost nothing."""
        return self.model.passes

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores texts, each distinct one once.

        Args:
            texts: N strings.

        Returns:
            (N, 28) probabilities in [0, 1], a new array. Rows sum to 1 only where the checkpoint
            says ``single_label_classification``.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.
            ValueError: The model gave numbers that are not finite.
        """
        return reorder(self._activation(self.model.rows(texts)), self.model.labels)


def from_spec(spec: Spec) -> HubEmotion:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: The checkpoint and how it runs.

    Returns:
        The judge.

    Raises:
        InputError: The checkpoint cannot be used; says why and what to do.
    """
    return HubEmotion(TextModel.load("emotion", spec, "logits"), spec.threshold)


def _check(model: TextModel) -> None:
    names = [label.strip().lower() for label in model.labels]
    missing = [label for label in LABELS if label not in names]
    extra = sorted(set(names) - set(LABELS))
    if not missing and len(names) == len(LABELS):
        return
    if missing and all(name.startswith("label_") for name in names):
        what = f"{len(names)} unnamed labels (LABEL_0, …)"
        hint = "write the names of its labels into id2label of its config.json"
    else:
        what = f"{len(names)} labels; missing: {', '.join(missing) or 'none'}"
        what += f"; not of GoEmotions: {', '.join(extra)}" if extra else ""
        hint = "use a classifier of the 28 GoEmotions labels (SamLowe/roberta-base-go_emotions)"
    raise InputError(f"{model.name}: it has {what}; {hint}")
