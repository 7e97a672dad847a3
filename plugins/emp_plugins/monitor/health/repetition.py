"""Replies repeat each other: different clients hear the same words."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.held_out import late, moved
from emp_plugins.monitor.history import History, Point

ADVICE = (
    "raise `empathy.rewards.novelty` or `trl.temperature`, add prompts that differ more, or lower "
    "learning_rate"
)

PATIENCE = 2


class Params(BaseModel):
    """Thresholds of ``repetition``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float = Field(
        0.5, ge=0, le=1, description="Share of distinct answers that is too low, twice in a row."
    )
    fallen: float = Field(
        0.8, ge=0, le=1, description="Share that is too low where it fell beyond noise."
    )


def check(history: History, params: Params) -> Finding | None:
    """Finds few distinct answers among the replies that have one.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    move = moved(history, "distinct")
    if move is None:
        return None
    share = answers(history.points[-1])
    low = late(history, "distinct", PATIENCE) and all(
        (answers(point) or 1.0) < params.low for point in history.points[-PATIENCE:]
    )
    if share is None or not (low or (move.down and share < params.fallen)):
        return None
    return Finding(
        f"only {share:.0%} of the answers are distinct",
        {"share": share, "first": move.first.mean, "last": move.last.mean},
    )


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """The healthy share."""
    return {"distinct": (params.low, None)}


def answers(point: Point) -> float | None:
    """The share of distinct answers among the replies in which an answer can be told apart.

    ``distinct`` counts all others as one and the same empty answer, which is for ``malformed``.

    Args:
        point: The measurement.

    Returns:
        The share in (0, 1], or None where no reply has an answer.
    """
    distinct, extracted = point.figures.get("distinct"), point.figures.get("extracted")
    if distinct is None:
        return None
    told = distinct.n if extracted is None else extracted.mean * extracted.n
    if not told >= 1:
        return None
    kinds = distinct.mean * distinct.n - (told < distinct.n)
    return min(kinds / told, 1.0)
