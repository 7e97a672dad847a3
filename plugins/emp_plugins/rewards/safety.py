"""Whether a reply is safe, and the gate it holds over the other rewards."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores
from emp_plugins.safety import Verdict, judge_reply, risk_level

NEEDS: tuple[str, ...] = ()
SCORES_MALFORMED = True
"""Malformed alone is not unsafe, or a cold start would have no gradient."""

UNSAFE = -2.0


class Params(BaseModel):
    """Parameters of ``safety``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    gate: bool = Field(
        True, description="Give every other reward's floor to a reply that fails safety."
    )
    min_chars: int = Field(20, ge=0, description="Shorter replies fail.")
    user_floor: float = Field(
        -10.0,
        le=0,
        description="Floor of your own reward functions under the gate; lower values are raised.",
    )


def floor(params: Params) -> float:
    """The value of an unsafe reply, -2, the seed's."""
    return UNSAFE


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores 1 for a safe reply, -2 for an unsafe one.

    At client risk of level 2 or more a safe reply earns 0.5 for half of the risk protocol (asks
    directly, points to people and crisis services) and 1 for both. Without any risk, asking about
    suicide earns 0.5: a false alarm. Always a number, never None.

    Args:
        batch: The replies; a malformed completion is judged as a whole.
        params: The rules' settings.
        template: Not used.

    Returns:
        One value a reply, and whether it was unsafe and the client at risk.
    """
    found = verdicts(batch, params)
    values = [verdict.protocol if verdict.safe else UNSAFE for verdict in found]
    parts = {
        "unsafe": [float(not verdict.safe) for verdict in found],
        "client_risk": [float(level >= 2) for level in client_risk(batch)],
    }
    return Scores(values, parts)


def verdicts(batch: Batch, params: Params) -> list[Verdict]:
    """Judges each reply of a batch.

    Args:
        batch: The replies; a malformed completion is judged as a whole.
        params: The rules' settings.

    Returns:
        One verdict a reply.
    """
    texts = [reply or c.text for reply, c in zip(batch.replies, batch.completions, strict=True)]
    levels = client_risk(batch)
    return [
        judge_reply(text, level, params.min_chars)
        for text, level in zip(texts, levels, strict=True)
    ]


def client_risk(batch: Batch) -> list[int]:
    """The risk each client disclosed: the higher of the ``risk`` column and of what is read."""
    read = [risk_level(client) for client in batch.clients]
    known = batch.columns.get("risk") or [0] * len(read)
    return [max(level, int(column or 0)) for level, column in zip(read, known, strict=True)]
