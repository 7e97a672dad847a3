"""The gradient norm has spikes: the training is about to become unstable."""

from __future__ import annotations

import math
from statistics import median

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.monitor.health.finding import Finding
from emp_plugins.monitor.health.trainer_logs import end_unchecked, start
from emp_plugins.monitor.history import History

KEY = "grad_norm"

ADVICE = "lower learning_rate or max_grad_norm, raise warmup_steps or the batch size"


class Params(BaseModel):
    """Thresholds of ``grad_spikes``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: int = Field(10, ge=1, description="Last logs in which spikes are counted.")
    usual: int = Field(40, ge=5, description="Logs before them whose median is the usual norm.")
    times: float = Field(5.0, gt=1, description="Times the usual norm that is a spike.")
    spikes: int = Field(3, ge=1, description="Spikes in the window that are too many.")


def check(history: History, params: Params) -> Finding | None:
    """Finds several logs with a norm far above the usual one and the start's, or no number.

    Norms below the start's are never spikes: near the end of a good run most are close to 0.

    Args:
        history: The run so far.
        params: The thresholds.

    Returns:
        The finding, if any.
    """
    recent, before = _split(history, params)
    broken = [norm for norm in recent if not math.isfinite(norm)]
    usual = [norm for norm in before if math.isfinite(norm)]
    high: list[float] = []
    if len(before) == params.usual and usual:
        early = start(history, KEY, params.window)
        limit = max(params.times * median(usual), median(early or [0.0]))
        high = [norm for norm in recent if math.isfinite(norm) and norm > limit]
    count = len(broken) + len(high)
    if count < params.spikes:
        return None
    values = {"spikes": float(count), "without_number": float(len(broken))}
    if high:
        values |= {"highest": max(high), "usual": median(usual)}
    return Finding(f"{count} of the last {params.window} gradient norms {_told(values)}", values)


def band(params: Params) -> dict[str, tuple[float | None, float | None]]:
    """None: the threshold is relative to the usual norm."""
    return {}


def _split(history: History, params: Params) -> tuple[list[float], list[float]]:
    """The norms of the window and the usual ones before it, those without a number too."""
    norms = end_unchecked(history, KEY, params.window + params.usual)
    cut = max(len(norms) - params.window, 0)
    return norms[cut:], norms[:cut]


def _told(values: dict[str, float]) -> str:
    if "highest" not in values:
        return "are not numbers"
    told = f"are spikes, up to {values['highest']:.3g} where {values['usual']:.3g} is usual"
    return (
        f"{told}; {values['without_number']:.0f} are no number"
        if values["without_number"]
        else told
    )
