"""The entropy explodes: replies turn into noise."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.trainer_logs import online, shift
from emp_plugins.monitor.history import History

ADVICE = (
    "lower learning_rate or `trl.temperature`, raise `trl.beta`, and take out `trl.entropy_coef`"
)


class Params(BaseModel):
    """Thresholds of ``entropy_explosion``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int = Field(10, ge=3, description="Logs at the start and at the end to compare.")
    ratio: float = Field(2.5, gt=1, description="Times the start's entropy that is too high.")
    rise: float = Field(0.2, ge=0, description="Rise in nats a token that counts.")


def check(history: History, params: Params) -> Finding | None:
    """Finds a median ``entropy`` far above its start.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    found = shift(history, "entropy", params.window) if online(history) else None
    if found is None or found.last <= params.ratio * found.first or found.change <= params.rise:
        return None
    return Finding(
        f"the entropy rose from {found.first:.3g} to {found.last:.3g} nats a token",
        {"first": found.first, "last": found.last},
    )


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """None: the thresholds are relative to the start."""
    return {}
