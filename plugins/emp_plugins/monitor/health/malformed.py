"""Replies lose the form that the template asks for, or never learn it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.held_out import apart, late, moved
from emp_plugins.monitor.health.trainer_logs import online
from emp_plugins.monitor.history import History

ADVICE = (
    "give `empathy.rewards.structure` more weight, put rewards of your own behind "
    "`empathy.rewards.safety: {gate: true}`, raise `trl.max_completion_length` if replies are cut "
    "off; a model that never had the form needs SFT on well-formed replies first"
)


class Params(BaseModel):
    """Thresholds of ``malformed``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float = Field(0.5, ge=0, le=1, description="Share of well-formed replies that is too low.")
    patience: int = Field(
        3, ge=1, description="Measurements after the first that must all be too low."
    )
    drop: float = Field(0.15, ge=0, le=1, description="Fall against the start that counts.")


def check(history: History, params: Params) -> Finding | None:
    """Finds a share that fell beyond noise, or that stays low in a run that rewards replies.

    While a low share rises, the run is still learning the form. A run on preference pairs without
    the form is not expected to learn it.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    move = moved(history, "well_formed")
    if move is None:
        return None
    values = {"first": move.first.mean, "last": move.last.mean}
    if move.down and -move.change >= params.drop:
        message = f"well-formed replies fell from {move.first.mean:.0%} to {move.last.mean:.0%}"
        return Finding(f"{message}{_reason(history)}", values)
    lately = late(history, "well_formed", params.patience)
    stuck = lately and all(figure.mean < params.low for figure in lately)
    if stuck and online(history) and apart(move.first, move.last) < 1:
        message = f"well-formed replies stay at {move.last.mean:.0%}"
        return Finding(f"{message}{_reason(history)}", values)
    return None


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """The healthy share."""
    return {"well_formed": (params.low, None)}


def _reason(history: History) -> str:
    failures = history.points[-1].failures
    if not failures:
        return ""
    reason = max(failures, key=lambda name: failures[name])
    return f"; most often: {reason}"
