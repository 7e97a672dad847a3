"""The mean reward collapses, or stays below its start for long."""

from __future__ import annotations

from statistics import median

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.held_out import moved
from emp_plugins.monitor.health.trainer_logs import end, shift, start
from emp_plugins.monitor.history import History

ADVICE = (
    "lower learning_rate, raise `trl.beta` or warmup_steps, and look which `rewards/<name>/mean` "
    "fell first"
)


class Params(BaseModel):
    """Thresholds of ``reward_drop``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int = Field(10, ge=3, description="Logs at the start and at the end to compare.")
    drop: float = Field(0.75, ge=0, description="Fall that counts, in units of reward_std.")
    long: int = Field(40, ge=3, description="Logs below the start that are long.")
    slump: float = Field(
        0.35, ge=0, description="Fall that counts over so long, in units of reward_std."
    )
    sigmas: float = Field(5.0, gt=0, description="Standard errors that a fall must exceed.")


def check(history: History, params: Params) -> Finding | None:
    """Finds a fall of the trainer's ``reward``, or of ``reward_total`` on the held-out prompts.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    looks = ((params.window, params.drop), (params.long, params.slump))
    for late, least in looks:
        found = shift(history, "reward", params.window, late)
        size = least * _unit(history, params.window)
        if found and -found.change > size and found.beyond(params.sigmas):
            message = f"the reward fell from {found.first:.2f} to {found.last:.2f}"
            values = {"first": found.first, "last": found.last}
            return Finding(f"{message} over the last {late} logs", values)
    move = moved(history, "reward_total")
    if move and move.down:
        return Finding(
            f"the reward on the held-out prompts fell from {move.first.mean:.2f} to "
            f"{move.last.mean:.2f}",
            {"first": move.first.mean, "last": move.last.mean},
        )
    return None


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """None: every threshold is relative to the start."""
    return {}


def _unit(history: History, window: int) -> float:
    """The usual spread of the rewards within a batch, 0 where it was not logged."""
    spreads = start(history, "reward_std", window) + end(history, "reward_std", window)
    return median(spreads) if spreads else 0.0
