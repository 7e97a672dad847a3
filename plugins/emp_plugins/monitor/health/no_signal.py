"""Most groups have no signal: replies to one prompt that all score alike teach nothing."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.trainer_logs import end
from emp_plugins.monitor.history import History

KEY = "frac_reward_zero_std"

ADVICE = (
    "raise `trl.temperature` or `trl.num_generations`, use harder prompts or graded rewards "
    "(`empathy.rewards.structure: {formula: graded}`); stop if the rewards are at their best"
)


class Params(BaseModel):
    """Thresholds of ``no_signal``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int = Field(10, ge=1, description="Logs to average.")
    share: float = Field(0.8, ge=0, le=1, description="Share of such groups that is too high.")


def check(history: History, params: Params) -> Finding | None:
    """Finds a high mean of ``frac_reward_zero_std`` over the last logs.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    shares = end(history, KEY, params.window)
    if len(shares) < params.window or (share := sum(shares) / len(shares)) < params.share:
        return None
    return Finding(
        f"in {share:.0%} of the groups all replies had the same reward over the last "
        f"{params.window} logs",
        {"share": share},
    )


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """The healthy share."""
    return {KEY: (None, params.share)}
