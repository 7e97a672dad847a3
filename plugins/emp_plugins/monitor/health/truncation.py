"""Many replies are cut off at the longest length that is allowed."""

from __future__ import annotations

from statistics import median

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.trainer_logs import end
from emp_plugins.monitor.history import History

KEY = "completions/clipped_ratio"

ADVICE = (
    "raise `trl.max_completion_length` or give `empathy.rewards.brevity` weight; at 100 % see that "
    "the model's end-of-turn token is its eos_token"
)


class Params(BaseModel):
    """Thresholds of ``truncation``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int = Field(10, ge=1, description="Logs whose median counts.")
    share: float = Field(0.3, ge=0, le=1, description="Share of such replies that is too high.")


def check(history: History, params: Params) -> Finding | None:
    """Finds a high median of ``completions/clipped_ratio`` over the last logs.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    shares = end(history, KEY, params.window)
    if len(shares) < params.window or (share := median(shares)) < params.share:
        return None
    return Finding(f"{share:.0%} of the replies are cut off", {"share": share})


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """The healthy share."""
    return {KEY: (None, params.share)}
