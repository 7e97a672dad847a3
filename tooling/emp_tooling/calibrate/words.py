"""What the methods are called on the screen and on the page."""

from __future__ import annotations

from emp_tooling.calibrate.fit import FOLDS
from emp_tooling.calibrate.reliability import Reliability


def methods(found: Reliability) -> dict[str, str]:
    """Each method's key and its name."""
    return {
        "range": f"range, temperature {found.temperature:g}",
        "isotonic": f"isotonic, {FOLDS}-fold",
        "mean_label": "the mean label",
    }


def gain(found: Reliability) -> str:
    """How much the fit is worth."""
    side = "below" if found.gain >= 0 else "above"
    return (
        f"isotonic's Brier score is {abs(found.gain):.4f} {side} the mean label's (gain "
        f"{found.gain:+.4f}, 95 % interval {found.gain_low:+.4f} to {found.gain_high:+.4f})"
    )
