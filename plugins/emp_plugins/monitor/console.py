"""What the monitor prints: a line a measurement, a line a warning, and what it has cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from emp_plugins.measure import Figure
from emp_plugins.monitor.history import Point

SHOWN = ("reward_total", "polarity", "acknowledgement", "well_formed", "safe", "risk_handled")
NAMES = {"reward_total": "reward"}

USUAL = 0.05
"""Share of the training time up to which watching is worth no word."""


def say(line: str) -> None:
    """Prints a line above the bar of progress."""
    from tqdm import tqdm

    tqdm.write(line)


def point_line(points: Sequence[Point]) -> str:
    """The last measurement in one line.

    Args:
        points: Every measurement so far, at least one.

    Returns:
        Means, each with its change since the first measurement.

    Example:
        >>> first, last = (Point(n, {"safe": Figure(n / 10, 0, 0, 1, 8)}) for n in (0, 5))
        >>> point_line([first, last])
        'monitor: step 5: safe 0.50 (+0.50)'
    """
    first, last = points[0], points[-1]
    told = [
        f"{NAMES.get(name, name).replace('_', ' ')} {_moved(last.figures[name], first, name)}"
        for name in SHOWN
        if name in last.figures
    ]
    return f"monitor: step {last.step}: {', '.join(told) or 'nothing to measure'}"


def warning_line(warning: Any, stopped: bool) -> str:
    """A health warning in one line.

    Args:
        warning: As ``monitor.health.examine`` gives it.
        stopped: Whether it ends the run.

    Returns:
        What was found and what to try.
    """
    end = "; the run stops here, as stop_on says" if stopped else ""
    message, advice = warning.message.rstrip("."), warning.advice.rstrip(".")
    return f"monitor: warning: {warning.rule}: {message}; try: {advice}{end}"


def failure_line(step: int, why: str) -> str:
    """A failure of the monitor itself.

    Args:
        step: Training step.
        why: See ``monitor.failure.reason``.

    Returns:
        The line.

    Example:
        >>> failure_line(40, "ConnectError at judge.py:12")
        'monitor: step 40: could not watch (ConnectError at judge.py:12); the training goes on'
    """
    return f"monitor: step {step}: could not watch ({why}); the training goes on"


def end_line(rounds: int, seconds: float, share: float, every_steps: int | None = None) -> str:
    """What watching has cost.

    Args:
        rounds: Measurements.
        seconds: All the monitor's own work.
        share: Part of the training time, in [0, 1].
        every_steps: How often the run was measured, for what to set where that was dear.

    Returns:
        The line.

    Example:
        >>> end_line(4, 3.14, 0.0192)
        'monitor: 4 measurements, 3.1 s, 1.9 % of training time'
        >>> end_line(5, 9.6, 0.08, every_steps=7)
        'monitor: 5 measurements, 9.6 s, 8.0 % of training time; every_steps: 12 would cost 5 %'
    """
    plural = "" if rounds == 1 else "s"
    told = f"monitor: {rounds} measurement{plural}, {seconds:.1f} s, {share * 100:.1f} % of "
    hint = ""
    if every_steps and USUAL < share < 1:
        rarer = math.ceil(every_steps * share / (1 - share) * (1 - USUAL) / USUAL)
        hint = f"; every_steps: {rarer} would cost {USUAL * 100:.0f} %"
    return f"{told}training time{hint}"


def _moved(figure: Figure, first: Point, name: str) -> str:
    start = first.mean(name)
    change = "" if start is None or figure is first.figures[name] else figure.mean - start
    return f"{figure.mean:.2f}" + (f" ({change:+.2f})" if change != "" else "")
