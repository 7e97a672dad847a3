"""Three ways to score the same texts with the same resident models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emp_plugins.judges.hub.activations import sigmoid
from emp_plugins.judges.hub.emotion import HubEmotion
from emp_plugins.judges.hub.empathy import HubEmpathy
from emp_plugins.judges.hub.runtime import TextModel
from emp_plugins.judges.hub.similarity import CrossEncoderSimilarity
from emp_plugins.judges.hub.spec import HubSpec
from emp_tooling.benchmarks.inputs import Inputs

MAX_LENGTH = 256

JUDGES: Mapping[str, Callable[[TextModel], Any]] = {
    "emotion": HubEmotion,
    "empathy": HubEmpathy,
    "similarity": CrossEncoderSimilarity,
}


@dataclass(frozen=True)
class Resident:
    """A loaded checkpoint.

    Attributes:
        kind: Kind of judge.
        spec: Its settings.
        judge: The judge, as a recipe gets it.
        model: The model as transformers loads it, in eval mode.
        tokenizer: Its tokenizer.
    """

    kind: str
    spec: HubSpec
    judge: Any
    model: Any
    tokenizer: Any

    def texts(self, inputs: Inputs) -> Sequence[Any]:
        """What this judge scores: completions, or pairs of client and completion."""
        return inputs.pairs if self.kind == "similarity" else inputs.replies


def load(kind: str, spec: HubSpec) -> Resident:
    """Loads a checkpoint through the judges' own code.

    Args:
        kind: Kind of judge.
        spec: Its settings.

    Returns:
        The resident model.
    """
    from emp_plugins.judges.hub import loading

    judge = JUDGES[kind](TextModel.load(kind, spec, "logits"))
    model, tokenizer = loading.load(f"judges.{kind}", spec, "logits")
    return Resident(kind, spec, judge, model.eval(), tokenizer)


def ours(resident: Resident, inputs: Inputs) -> np.ndarray:
    """The judge with an empty memory: sorted by length, padded to the longest of its pass.

    Args:
        resident: The model.
        inputs: What to score.

    Returns:
        (N,) or (N, 28) scores.
    """
    resident.judge.model.forget()
    return resident.judge.score(resident.texts(inputs))


def seed(resident: Resident, inputs: Inputs, padding: str = "max_length") -> np.ndarray:
    """The seed's rewards: one call that tokenises, pads and scores all texts in one batch.

    Args:
        resident: The model.
        inputs: What to score.
        padding: ``max_length`` pads each text to 256 tokens, ``longest`` to the batch's longest.

    Returns:
        (N,) or (N, 28) scores.
    """
    import torch

    texts = resident.texts(inputs)
    columns = zip(*texts, strict=True) if resident.kind == "similarity" else [texts]
    encoded = resident.tokenizer(
        *map(list, columns),
        padding=padding,
        truncation=True,
        max_length=MAX_LENGTH,
        return_tensors="pt",
    )
    with torch.no_grad():
        logits = resident.model(**encoded.to(resident.model.device)).logits
    return _scores(resident.kind, logits.float().cpu().numpy())


def pipeline(resident: Resident, inputs: Inputs, batch_size: int = 16) -> np.ndarray:
    """``transformers.pipeline``: batches in the order given, each padded to its longest.

    Args:
        resident: The model.
        inputs: What to score.
        batch_size: Texts in a batch.

    Returns:
        (N,) or (N, 28) scores.
    """
    import transformers

    run = transformers.pipeline(
        "text-classification", model=resident.model, tokenizer=resident.tokenizer
    )
    texts = resident.texts(inputs)
    if resident.kind == "similarity":
        texts = [{"text": first, "text_pair": second} for first, second in texts]
    found = run(
        list(texts),
        batch_size=batch_size,
        top_k=None,
        function_to_apply="none",
        truncation=True,
        max_length=MAX_LENGTH,
    )
    places = resident.model.config.label2id
    rows = np.zeros((len(texts), len(places)))
    for row, outputs in zip(rows, found, strict=True):
        for output in outputs:
            row[places[output["label"]]] = output["score"]
    return _scores(resident.kind, rows)


def _scores(kind: str, logits: np.ndarray) -> np.ndarray:
    if kind == "emotion":
        return sigmoid(logits)
    return logits[:, 2] if kind == "empathy" else sigmoid(logits[:, 0])
