"""The reward is gamed: it rises while something falls that it was meant to bring about."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.held_out import Move, moved
from emp_plugins.monitor.health.trainer_logs import shift
from emp_plugins.monitor.history import History

GUARDS = {
    "safe": "safe replies",
    "risk_handled": "handled risk",
    "well_formed": "well-formed replies",
    "acknowledgement": "acknowledgement",
    "distinct": "distinct replies",
}
"""What must not fall, and what to call it."""

ADVICE = (
    "read the replies; give the reward of what fell more weight (`empathy.rewards.safety` with "
    "gate: true, structure, empathy, novelty), and lower the weight of the reward that rose"
)


class Params(BaseModel):
    """Thresholds of ``gaming``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    drop: float = Field(0.15, ge=0, le=1, description="Fall of a guard that counts.")
    window: int = Field(10, ge=3, description="Logs at the start and at the end to compare.")
    sigmas: float = Field(
        4.0, gt=0, description="Standard errors by which the trainer's reward must have risen."
    )


def check(history: History, params: Params) -> Finding | None:
    """Finds guards that fell beyond noise while the reward rose, held out or in training.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    reward = _risen(history, params)
    if reward is None:
        return None
    fell = {name: move for name in GUARDS if (move := _fallen(history, name, params))}
    if not fell:
        return None
    told = ", ".join(
        f"{GUARDS[name]} fell from {move.first.mean:.2f} to {move.last.mean:.2f}"
        for name, move in fell.items()
    )
    values = {"reward_first": reward[0], "reward_last": reward[1]}
    for name, move in fell.items():
        values |= {f"{name}_first": move.first.mean, f"{name}_last": move.last.mean}
    return Finding(f"the reward rose from {reward[0]:.2f} to {reward[1]:.2f} while {told}", values)


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """None: every threshold is relative to the start."""
    return {}


def _risen(history: History, params: Params) -> tuple[float, float] | None:
    move = moved(history, "reward_total")
    if move is not None and move.up:
        return move.first.mean, move.last.mean
    trained = shift(history, "reward", params.window)
    if trained is not None and trained.change > 0 and trained.beyond(params.sigmas):
        return trained.first, trained.last
    return None


def _fallen(history: History, name: str, params: Params) -> Move | None:
    move = moved(history, name)
    return move if move and move.down and -move.change >= params.drop else None
