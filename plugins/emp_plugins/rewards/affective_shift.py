"""Whether a reply moves the client's affect where it is in deficit."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.affect import hourglass
from emp_plugins.affect.goemotions import LABELS
from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores
from emp_plugins.rewards.text import REFLECTION, SUPPORT
from emp_plugins.safety.risk import plain

NEEDS = ("emotion",)
SCORES_MALFORMED = False

SEED_BOUND = 4.0
"""More than any axis of the default matrix can sum to."""

SENSITIVITY = hourglass.AXES.index("Sensitivity")
ACKNOWLEDGING = tuple(
    LABELS.index(name) for name in ("caring", "remorse", "sadness", "love", "disappointment")
)


class Params(BaseModel):
    """Parameters of ``affective_shift``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    target: Literal["deficit", "introspection", "temper", "attitude", "sensitivity"] = Field(
        "deficit", description="deficit: the client's lowest axis; or one axis for all."
    )
    formula: Literal["acknowledge_then_lift", "seed"] = Field(
        "acknowledge_then_lift", description="seed: the reply's own value on the target axis."
    )
    lift: float = Field(0.3, ge=0, le=1, description="Share of the lift; the rest acknowledges.")
    enough: float = Field(
        0.25, gt=0, description="Lift on the axis from which on more pays nothing."
    )
    toxic_client: float = Field(
        -0.5, description="Toxic positivity: client's sensitivity below this"
    )
    toxic_reply: float = Field(0.5, description="while the reply's polarity is above this.")
    insensitive_client: float = Field(-0.7, description="Insensitivity: client's sensitivity below")
    insensitive_support: float = Field(0.5, description="this while support is below this.")


def floor(params: Params) -> float:
    """The lowest value: -1, or -4 for the seed's formula."""
    return -SEED_BOUND if params.formula == "seed" else -1.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores in [-1, 1]: acknowledges first, then lifts the axis in deficit.

    ``support`` in [0, 1] is, over the sentences, the highest
    ``1 - prod(1 - p)`` of caring, remorse, sadness, love and disappointment, raised by half of
    what is missing where a phrase of support or a reflection stands. ``shift`` in [0, 1] is the
    highest value of a sentence on the target axis, ``min(e / enough, 1)``, so that more joy words
    stop paying. Value: ``support * (1 - lift + lift * shift)``. Two rules of the seed give -1:
    toxic positivity (client's sensitivity below ``toxic_client`` and the reply's polarity above
    ``toxic_reply``) and insensitivity (client's sensitivity below ``insensitive_client`` and
    support below ``insensitive_support``). ``formula: seed`` is the reply's e on the target axis
    alone, clipped to [-4, 4].

    Args:
        batch: The replies; the client's affect comes from the ``state`` column or their words.
        params: Formula and bounds.
        template: Not used.

    Returns:
        One value a reply, with support, shift and the two rules as parts.
    """
    client = batch.client_affect
    axes = _targets(client, params.target)
    whole = hourglass.dimensions(batch.judge("emotion")(batch.replies), batch.matrix)
    if params.formula == "seed":
        on_axis = np.clip(whole[np.arange(len(batch)), axes], -SEED_BOUND, SEED_BOUND)
        return Scores(on_axis.tolist(), {})
    dims = [hourglass.dimensions(rows, batch.matrix) for rows in batch.sentence_emotions]
    support = np.array(
        [_support(*pair) for pair in zip(batch.sentences, batch.sentence_emotions, strict=True)]
    )
    lifted = [rows[:, axis].max() for rows, axis in zip(dims, axes, strict=True)]
    shift = np.clip(np.array(lifted) / params.enough, 0, 1)
    sensitivity = client[:, SENSITIVITY]
    toxic = (sensitivity < params.toxic_client) & (hourglass.polarity(whole) > params.toxic_reply)
    insensitive = (sensitivity < params.insensitive_client) & (support < params.insensitive_support)
    values = support * (1 - params.lift + params.lift * shift)
    values[toxic | insensitive] = -1.0
    parts = {"support": support, "shift": shift, "toxic": toxic, "insensitive": insensitive}
    return Scores(
        values.tolist(), {name: part.astype(float).tolist() for name, part in parts.items()}
    )


def _targets(client: np.ndarray, target: str) -> np.ndarray:
    if target == "deficit":
        return hourglass.deficit(client)
    axis = [name.lower() for name in hourglass.AXES].index(target)
    return np.full(len(client), axis)


def _support(texts: list[str], emotions: np.ndarray) -> float:
    warm = 1 - np.prod(1 - emotions[:, ACKNOWLEDGING], axis=1)
    cues = [plain(text) for text in texts]
    said = np.array([bool(SUPPORT.search(cue) or REFLECTION.search(cue)) for cue in cues])
    return float(np.max(warm + 0.5 * said * (1 - warm)))
