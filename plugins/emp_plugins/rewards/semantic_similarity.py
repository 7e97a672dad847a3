"""How much a reply has to do with what the client said."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.affect.calibration import Calibration
from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores

NEEDS = ("similarity",)
SCORES_MALFORMED = False


class Params(BaseModel):
    """Parameters of ``semantic_similarity``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    formula: Literal["band", "seed"] = Field(
        "band", description="band: on topic pays, copying does not; seed: calibrated similarity."
    )
    enough: float = Field(
        0.3, gt=0, lt=1, description="Similarity from which on more pays nothing."
    )
    copying: float = Field(
        0.6, gt=0, lt=1, description="Similarity from which on the value falls, to 0 at 1."
    )
    calibration: Calibration = Field(
        default_factory=Calibration, description="Used by formula: seed."
    )


def floor(params: Params) -> float:
    """The lowest value, 0."""
    return 0.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores the similarity s of the client's last turn and the reply, in [0, 1].

    Raw similarity pays most for repeating the client's own words. ``band`` therefore rises as
    ``s / enough`` up to 1, stays there up to ``copying`` and falls as ``(1 - s) / (1 - copying)``.
    ``seed`` is the calibrated similarity itself. With the embedded judge s is a cosine of words and
    character n-grams: lexical, not semantic.

    Args:
        batch: The replies.
        params: Formula and bounds.
        template: Not used.

    Returns:
        One value a reply, and the raw similarity.
    """
    pairs = list(zip(batch.clients, batch.replies, strict=True))
    raw = batch.judge("similarity")(pairs)
    if params.formula == "seed":
        bounds = getattr(batch.loaded("similarity"), "range", (0.0, 1.0))
        values = params.calibration.apply(raw, bounds)
    else:
        falling = (1 - raw) / (1 - params.copying)
        values = np.clip(np.minimum(raw / params.enough, falling), 0, 1)
    return Scores(values.tolist(), {"raw": raw.tolist()})
