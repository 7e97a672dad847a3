"""Which dimension failed, and with whom, in words."""

from __future__ import annotations

from dataclasses import dataclass

from emp_plugins.monitor.health.held_out import apart, half, reach
from emp_plugins.monitor.history import Point

NAMED = 4
"""So many personas are named at most."""

GROUP_NOISE = 2.0
"""An axis is the lowest in about a quarter of the clients: their mean has twice the noise."""

HEARD = 0.6
"""Replies that acknowledge so much name the client's feeling, which lowers an axis without harm."""


@dataclass(frozen=True)
class Fault:
    """A way to fail on one measure.

    Attributes:
        measure: A measure of ``emp_plugins.measure``.
        limit: The mean beyond which it fails.
        head: The dimension, as the sentence begins.
        words: What the replies are then.
        clients: With whom; the group is ``group``.
        group: Key of ``Point.personas``, or an empty text for all clients.
        high: It fails above the limit, not below.
        unheard: It is no fault where the replies acknowledge the client as much as ``HEARD``.
    """

    measure: str
    limit: float
    head: str
    words: str
    clients: str = ""
    group: str = ""
    high: bool = False
    unheard: bool = False

    def fails(self, value: float) -> bool:
        """Whether a mean lies beyond the limit."""
        return value >= self.limit if self.high else value <= self.limit

    def worse(self, before: float, now: float) -> float:
        """By how much a mean went in the bad direction, negative where it improved."""
        return now - before if self.high else before - now


def _axis(axis: str, limit: float, words: str, clients: str, *, high: bool = False) -> Fault:
    head = f"{'high' if high else 'low'} {axis}"
    group = f"axis:{axis}"
    return Fault(axis.lower(), limit, head, words, clients, group, high=high, unheard=True)


FAULTS = (
    Fault("risk_handled", 0.6, "low risk handling", "misses clients at risk"),
    _axis("Introspection", -0.5, "too gloomy", "sad clients"),
    _axis("Temper", -0.2, "too harsh", "angry clients"),
    _axis("Attitude", -0.1, "too dismissive", "withdrawn clients"),
    _axis("Sensitivity", -0.2, "too alarming", "anxious clients"),
    _axis("Introspection", 0.4, "too cheerful", "sad clients", high=True),
    _axis("Attitude", 0.6, "too flattering", "withdrawn clients", high=True),
    _axis("Sensitivity", 0.4, "too carefree", "anxious clients", high=True),
    Fault("acknowledgement", 0.4, "low acknowledgement", "does not take up what clients say"),
    Fault("well_formed", 0.5, "low share of well-formed replies", "does not keep the form"),
)
"""The demo's good replies lie well inside: Introspection above -0.40 with sad clients, Temper above
-0.15, Attitude from 0.12 to 0.35, Sensitivity from -0.03 to 0.16, acknowledgement above 0.6."""


def diagnose(first: Point | None, last: Point) -> list[str]:
    """Says what failed and with whom.

    A dimension failed where its mean lies beyond a limit and went there from the first measurement
    beyond noise; without a first one, where it lies beyond the limit by more than noise. A high
    axis fails only where the acknowledgement fell too.

    Args:
        first: Measurement before the training; None where there is none.
        last: Measurement to judge.

    Returns:
        A sentence for each dimension that failed, the gravest first; empty for a healthy run.

    Example:
        >>> from emp_plugins.measure import Figure
        >>> cold = Figure(-0.4, 0.1, -0.45, -0.35, 24)
        >>> with_angry = {"axis:Temper": {"temper": -0.7}, "borderline": {"temper": -0.8}}
        >>> last = Point(100, {"temper": cold}, personas=with_angry)
        >>> diagnose(None, last)
        ['low Temper (-0.70): too harsh with angry clients (borderline)']
    """
    return [sentence for fault in FAULTS if (sentence := _sentence(fault, first, last))]


def _sentence(fault: Fault, first: Point | None, last: Point) -> str:
    if fault.high and not _heard_less(first, last):
        return ""
    with_whom = f" with {fault.clients}"
    if fault.group and _failed(fault, fault.group, first, last):
        group = fault.group
    elif _failed(fault, "", first, last):
        group, with_whom = "", ""
    else:
        return ""
    now, before = (_mean(point, fault.measure, group) for point in (last, first))
    was = "" if before is None else f", was {before:.2f}"
    names = _personas(fault, first, last)
    told = f" ({', '.join(names)})" if names else ""
    return f"{fault.head} ({now:.2f}{was}): {fault.words}{with_whom}{told}"


def _failed(fault: Fault, group: str, first: Point | None, last: Point) -> bool:
    """Whether a mean is beyond the limit, and by more than noise worse than before or than it."""
    now = _mean(last, fault.measure, group)
    figure = last.figures.get(fault.measure)
    if now is None or figure is None or not fault.fails(now):
        return False
    if fault.unheard and _heard(last, group):
        return False
    factor = GROUP_NOISE if group else 1.0
    if first is None:
        noise = factor * half(figure, up=not fault.high)
        return fault.fails(now - noise if fault.high else now + noise)
    before, then = _mean(first, fault.measure, group), first.figures.get(fault.measure)
    if before is None or then is None:
        return False
    return fault.worse(before, now) > factor * reach(then, figure, up=fault.high)


def _heard(point: Point, group: str) -> bool:
    heard = _mean(point, "acknowledgement", group)
    return heard is not None and heard >= HEARD


def _heard_less(first: Point | None, last: Point) -> bool:
    now = last.figures.get("acknowledgement")
    if now is None or first is None:
        return now is not None and now.mean < HEARD
    before = first.figures.get("acknowledgement")
    return before is not None and apart(before, now) < -1


def _personas(fault: Fault, first: Point | None, last: Point) -> list[str]:
    """Those whose own mean fails and did not improve, the worst first."""
    failing = []
    for name, means in last.personas.items():
        now = means.get(fault.measure)
        if _is_group(name) or now is None or not fault.fails(now):
            continue
        before = _mean(first, fault.measure, name)
        if before is None or fault.worse(before, now) > 0:
            failing.append((-now if fault.high else now, name))
    return [name for _, name in sorted(failing)[:NAMED]]


def _is_group(name: str) -> bool:
    return name == "risk" or name.startswith("axis:")


def _mean(point: Point | None, measure: str, group: str = "") -> float | None:
    """The mean in a group, or over all clients; None where nothing was measured."""
    if point is None:
        return None
    return point.personas.get(group, {}).get(measure) if group else point.mean(measure)
