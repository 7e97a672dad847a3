"""How much a reply is worded like counselling rather than like a chat."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.affect.calibration import Calibration
from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores

NEEDS = ("clinical",)
SCORES_MALFORMED = False


class Params(BaseModel):
    """Parameters of ``clinical_relevance``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    calibration: Calibration = Field(
        default_factory=Calibration, description="From the judge's cosine to [0, 1]."
    )


def floor(params: Params) -> float:
    """The lowest value, 0."""
    return 0.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores the manner of speaking of each reply, in [0, 1].

    The clinical judge gives the cosine of the reply to the direction from general internet chat to
    clinical replies; the calibration maps the judge's range, which is what the reference replies
    themselves span, to [0, 1], so that more clinical vocabulary stops paying beyond it. It says
    nothing of whether the reply is right, kind or safe: give it a small weight.

    Args:
        batch: The replies.
        params: The calibration.
        template: Not used.

    Returns:
        One value a reply, and the raw cosine.
    """
    judge = batch.loaded("clinical")
    raw = judge.score(batch.replies)
    return Scores(params.calibration.apply(raw, judge.range).tolist(), {"raw": raw.tolist()})
