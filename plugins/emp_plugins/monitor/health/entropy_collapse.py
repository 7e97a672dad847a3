"""The entropy collapses: the model writes one reply and no longer tries others."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.trainer_logs import online, shift
from emp_plugins.monitor.history import History

ADVICE = (
    "raise `trl.temperature`, `trl.epsilon_high` or `trl.beta`, lower learning_rate, or give "
    "`empathy.rewards.novelty` more weight"
)


class Params(BaseModel):
    """Thresholds of ``entropy_collapse``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int = Field(10, ge=3, description="Logs at the start and at the end to compare.")
    ratio: float = Field(0.35, gt=0, lt=1, description="Share of the start's entropy that is left.")
    floor: float = Field(0.01, ge=0, description="Entropy in nats a token that is always too low.")


def check(history: History, params: Params) -> Finding | None:
    """Finds a median ``entropy`` far below its start or below the floor.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    found = shift(history, "entropy", params.window) if online(history) else None
    if found is None or found.last >= max(params.ratio * found.first, params.floor):
        return None
    return Finding(
        f"the entropy fell from {found.first:.3g} to {found.last:.3g} nats a token",
        {"first": found.first, "last": found.last},
    )


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """The healthy entropy."""
    return {"entropy": (params.floor, None)}
