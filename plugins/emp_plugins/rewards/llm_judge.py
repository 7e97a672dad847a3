"""The verdict of a language model by a rubric."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores

NEEDS = ("llm",)
SCORES_MALFORMED = False


class Params(BaseModel):
    """Parameters of ``llm_judge``; endpoint and rubric stand under ``judges.llm``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")


def floor(params: Params) -> float:
    """The lowest value, 0."""
    return 0.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores each reply by the rubric of the recipe's ``judges.llm``, in [0, 1].

    The value is the weighted mean of the rubric's marks, with its scale mapped to [0, 1]. A reply
    that gets no verdict after the judge's retries is None, never 0; more of them than the judge's
    ``max_failures`` stop the run. An empty reply is not sent. The client's last turn and the reply
    are, to ``judges.llm.base_url``: off this machine unless that is a loopback address.

    Args:
        batch: The replies and what they answer.
        params: Not used.
        template: Not used.

    Returns:
        One value a reply; the part ``failures`` is 1 where a verdict is missing; notes hold the
        marks, the model's reason and why a verdict is missing.
    """
    asked = [row for row, reply in enumerate(batch.replies) if reply.strip()]
    found = batch.loaded("llm").verdicts(
        [(batch.clients[row], batch.replies[row]) for row in asked]
    )
    verdicts = dict(zip(asked, found, strict=True))
    rows = [verdicts.get(row) for row in range(len(batch))]
    failed = [float(item is not None and item.score is None) for item in rows]
    notes = {
        "marks": [dict(item.marks) if item else {} for item in rows],
        "reason": [item.reason if item else "" for item in rows],
        "failure": [item.failure if item else "" for item in rows],
    }
    return Scores([item.score if item else None for item in rows], {"failures": failed}, notes)
