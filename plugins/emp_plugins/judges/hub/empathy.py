"""Empathy of a turn, from a regressor such as miladsolo/roberta-lora-wassa-empathy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.judges.hub.runtime import TextModel
from emp_plugins.judges.hub.spec import HubSpec

NAME = "empathy"
"""The output that is taken where the checkpoint names its outputs."""


class Spec(HubSpec):
    """Settings of the empathy judge."""

    backend: Literal["hf"] = Field("hf", description="hf: a transformers checkpoint or adapter.")
    output: int | str | None = Field(
        None,
        description="Name or number of the head's output; default: the one named Empathy, else 2, "
        "where miladsolo/roberta-lora-wassa-empathy has it.",
    )
    outputs: int = Field(3, ge=1, description="How many outputs the head must have.")
    low: float = Field(0.0, description="Raw score of no empathy, for the calibration.")
    high: float = Field(5.0, description="Raw score of the highest empathy, for the calibration.")


class HubEmpathy:
    """Raw empathy of a text as the regressor gives it, without an activation.

    The published model is confounded with distress: a warm reply to good news scores far below a
    plain statement of pain, so compare replies to one client, not across clients.

    Attributes:
        range: Raw score of no and of the highest empathy; a regressor can go a little beyond.
        output: Number of the head's output that is read.
        model: The model behind it, for its counts.

    Args:
        model: A regressor.
        output: Name or number of the output; None finds it.
        outputs: How many outputs the head must have.
        low: Raw score of no empathy.
        high: Raw score of the highest empathy.

    Raises:
        InputError: The head has another size, or no such output.
    """

    def __init__(
        self,
        model: TextModel,
        output: int | str | None = None,
        outputs: int = 3,
        low: float = 0.0,
        high: float = 5.0,
    ) -> None:
        names = model.labels
        if len(names) != outputs:
            raise InputError(
                f"{model.name}: the head has {len(names)} outputs ({', '.join(names)}), expected "
                f"{outputs}; name a regressor with that head, or set outputs: and output:"
            )
        if not low < high:
            raise InputError(f"{model.name}: low {low} must be below high {high}")
        self.range = (low, high)
        self.output = _find(model.name, names, output)
        self.model = model

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Scores texts, each distinct one once.

        Args:
            texts: N strings.

        Returns:
            (N,) raw scores, about within ``range``.

        Raises:
            TypeError: ``texts`` is one string, or one of them is no string.
            ValueError: The model gave numbers that are not finite.
        """
        return self.model.rows(texts)[:, self.output].copy()


def from_spec(spec: Spec) -> HubEmpathy:
    """Makes the judge that ``judges.load`` keeps.

    Args:
        spec: The checkpoint and how it runs.

    Returns:
        The judge.

    Raises:
        InputError: The checkpoint cannot be used; says why and what to do. The published one may
            be private: `hf auth login` with an account that may read it.
    """
    model = TextModel.load("empathy", spec, "logits")
    return HubEmpathy(model, spec.output, spec.outputs, spec.low, spec.high)


def _find(name: str, names: Sequence[str], output: int | str | None) -> int:
    lowered = [label.strip().lower() for label in names]
    if output is None:
        if NAME in lowered:
            return lowered.index(NAME)
        if not all(label.startswith("label_") for label in lowered):
            raise InputError(
                f"{name}: no output is named Empathy ({', '.join(names)}); set output: to one"
            )
        output = {1: 0, 3: 2}.get(len(names))
    if isinstance(output, int) and 0 <= output < len(names):
        return output
    if isinstance(output, str) and output.strip().lower() in lowered:
        return lowered.index(output.strip().lower())
    raise InputError(f"{name}: output {output!r}: {did_you_mean(str(output), names)}")
