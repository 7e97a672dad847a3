"""The KL divergence runs away: the model has left the one that it started from."""

from __future__ import annotations

from statistics import median

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.trainer_logs import end, online
from emp_plugins.monitor.history import History

ADVICE = "raise `trl.beta`, lower learning_rate or max_grad_norm, or stop at an earlier checkpoint"


class Params(BaseModel):
    """Thresholds of ``kl_runaway``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int = Field(10, ge=1, description="Logs whose median counts.")
    limit: float = Field(0.5, gt=0, description="KL in nats a token that is too high.")


def check(history: History, params: Params) -> Finding | None:
    """Finds a median ``kl`` above the limit; single peaks of the estimator do not count.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    values = end(history, "kl", params.window) if online(history) else []
    if len(values) < params.window or (level := median(values)) <= params.limit:
        return None
    return Finding(f"the KL divergence is at {level:.3g} nats a token", {"kl": level})


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """The healthy divergence."""
    return {"kl": (None, params.limit)}
