"""Supportive, neutral or negative, from a sentiment or emotion classifier on the hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from emp_plugins.errors import InputError
from emp_plugins.files import read_yaml
from emp_plugins.judges.hub.activations import sigmoid, softmax
from emp_plugins.judges.hub.runtime import TextModel
from emp_plugins.judges.hub.spec import HubSpec

TABLE = Path(__file__).parent / "sentiment.yml"
"""Class -> names of labels that belong to it."""

CLASSES = ("supportive", "neutral", "negative")


class Spec(HubSpec):
    """Settings of the sentiment judge."""

    backend: Literal["hf"] = Field("hf", description="hf: a transformers checkpoint.")
    reject_above: float = Field(
        0.99,
        gt=0,
        le=1,
        description="A reply whose negative share is above this is rejected by `tone`.",
    )


class HubSentiment:
    """Shares of the three classes, the checkpoint's labels matched by name with ``sentiment.yml``.

    Attributes:
        labels: ``("supportive", "neutral", "negative")``, names of the columns.
        range: Lowest and highest score.
        reject_above: Share of negative above which a reply is rejected outright.
        model: The model behind it, for its counts.

    Args:
        model: A classifier whose label names stand in the table.
        reject_above: See above.

    Raises:
        InputError: A label's name is not in the table, or no label is supportive, or none negative.
    """

    labels = CLASSES
    range = (0.0, 1.0)

    def __init__(self, model: TextModel, reject_above: float = 0.99) -> None:
        self.reject_above = reject_above
        self.model = model
        self._members = _members(model)
        multi = model.config.problem_type == "multi_label_classification"
        self._activation = sigmoid if multi else softmax

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores texts, each distinct one once.

        Args:
            texts: N strings.

        Returns:
            (N, 3) shares of supportive, neutral and negative; each row sums to 1. A class's share
            is the sum of its labels' probabilities, over the sum of all.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.
            ValueError: The model gave numbers that are not finite.
        """
        shares = self._activation(self.model.rows(texts)) @ self._members
        return shares / shares.sum(axis=1, keepdims=True)


def from_spec(spec: Spec) -> HubSentiment:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: The checkpoint and how it runs.

    Returns:
        The judge.

    Raises:
        InputError: The checkpoint cannot be used; says why and what to do.
    """
    return HubSentiment(TextModel.load("sentiment", spec, "logits"), spec.reject_above)


@cache
def table() -> Mapping[str, str]:
    """The class of each label name that is known.

    Returns:
        Name in lower case to ``supportive``, ``neutral`` or ``negative``.

    Example:
        >>> table()["joy"], table()["surprise"], table()["anger"]
        ('supportive', 'neutral', 'negative')
    """
    listed = read_yaml(TABLE)
    return {name: tone for tone in CLASSES for name in listed[tone]}


def _members(model: TextModel) -> np.ndarray:
    """(K, 3), 1 where a label belongs to a class."""
    known = table()
    names = [label.strip().lower().replace("_", " ") for label in model.labels]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"{model.name}: its labels {', '.join(unknown)} are not in the table {TABLE.name} of "
            "the hub judges; use a checkpoint with named sentiments or emotions, or write the "
            "names of its labels into id2label of its config.json"
        )
    found = np.array([[known[name] == tone for tone in CLASSES] for name in names], dtype=float)
    for tone in ("supportive", "negative"):
        if not found[:, CLASSES.index(tone)].any():
            raise InputError(f"{model.name}: none of its labels is {tone} ({', '.join(names)})")
    return found
