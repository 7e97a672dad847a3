"""Replies grow longer and longer, as they do when length is what is rewarded."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.held_out import moved
from emp_plugins.monitor.health.trainer_logs import shift
from emp_plugins.monitor.history import History

KEY = "completions/mean_length"

ADVICE = (
    "give `empathy.rewards.brevity` weight or a lower max_words, and see in `emp audit` which "
    "reward pays for length"
)


class Params(BaseModel):
    """Thresholds of ``length_creep``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int = Field(10, ge=3, description="Logs at the start and at the end to compare.")
    tokens: float = Field(2.0, gt=1, description="Times the start's tokens that are too many.")
    words: float = Field(1.5, gt=1, description="Times the start's answer words that are too many.")


def check(history: History, params: Params) -> Finding | None:
    """Finds far more words an answer on the held-out prompts, or tokens a completion in training.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    move = moved(history, "words")
    if move and move.up and move.last.mean > params.words * move.first.mean:
        return _finding("words an answer", move.first.mean, move.last.mean)
    found = shift(history, KEY, params.window)
    if found and found.last > params.tokens * found.first:
        return _finding("tokens a completion", found.first, found.last)
    return None


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """None: the thresholds are relative to the start."""
    return {}


def _finding(what: str, first: float, last: float) -> Finding:
    message = f"replies grew from {first:.0f} to {last:.0f} {what}"
    return Finding(message, {"first": first, "last": last})
