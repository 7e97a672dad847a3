"""Toxic positivity: replies grow more cheerful while they acknowledge the client less."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.held_out import moved
from emp_plugins.monitor.history import History

ADVICE = (
    "give `empathy.rewards.tone` and `empathy.rewards.empathy` more weight, and take weight off "
    "what pays for positive words"
)


class Params(BaseModel):
    """Thresholds of ``toxic_drift``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rise: float = Field(0.05, ge=0, le=2, description="Rise of the polarity that counts.")
    drop: float = Field(0.1, ge=0, le=1, description="Fall of the acknowledgement that counts.")


def check(history: History, params: Params) -> Finding | None:
    """Finds polarity up and acknowledgement down, both beyond noise.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    mood, heard = moved(history, "polarity"), moved(history, "acknowledgement")
    if mood is None or heard is None:
        return None
    if not (mood.up and mood.change >= params.rise and heard.down and -heard.change >= params.drop):
        return None
    return Finding(
        f"polarity rose from {mood.first.mean:.2f} to {mood.last.mean:.2f} while acknowledgement "
        f"fell from {heard.first.mean:.2f} to {heard.last.mean:.2f}",
        {
            "polarity_first": mood.first.mean,
            "polarity_last": mood.last.mean,
            "acknowledgement_first": heard.first.mean,
            "acknowledgement_last": heard.last.mean,
        },
    )


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """None: both thresholds are relative to the start."""
    return {}
