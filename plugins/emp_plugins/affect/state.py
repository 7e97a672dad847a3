"""What is known about a client between turns: s_t = [u_t, h_t, e_t], and its header in a prompt.

u_t are attributes such as the diagnosis, h_t the polarity of the client's recent turns, e_t the
four Hourglass axes of the last one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from emp_plugins.affect.hourglass import AXES
from emp_plugins.errors import InputError, did_you_mean

WINDOW = 3
"""How many of the client's last turns make up h_t."""

TREND_TOLERANCE = 0.05
"""Polarity must move by more than this over the window to count as a trend."""

LOW_AXIS = -0.1
"""The short header names the lowest axis at or below this value, and says Balanced above it."""

Trend = Literal["Improving", "Declining", "Stable"]
Style = Literal["full", "short"]


@dataclass(frozen=True)
class State:
    """One client's state after a turn.

    Attributes:
        user: u_t, attributes such as ``diagnosis`` and ``severity``; those absent are unknown.
        history: h_t, polarity of every client turn so far, oldest first.
        affect: e_t, the axes of the last turn in the order of ``AXES``.

    Example:
        >>> state = State({"diagnosis": "MDD"}, (0.1, -0.2, -0.5), (-0.8, 0.2, 0, -0.3))
        >>> state.trend, round(state.mean_polarity, 2)
        ('Declining', -0.2)
    """

    user: Mapping[str, str] = field(default_factory=dict)
    history: tuple[float, ...] = ()
    affect: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "user", _user(self.user))
        object.__setattr__(self, "history", _floats("history", self.history))
        object.__setattr__(self, "affect", _floats("affect", self.affect, len(AXES)))

    def __hash__(self) -> int:
        return hash((tuple(sorted(self.user.items())), self.history, self.affect))

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping proxy does not pickle, and states travel to worker processes.
        return State, (dict(self.user), self.history, self.affect)

    @property
    def mean_polarity(self) -> float:
        """Mean polarity of the last three turns; 0 before the first."""
        recent = self.history[-WINDOW:]
        return sum(recent) / len(recent) if recent else 0.0

    @property
    def trend(self) -> Trend:
        """Last minus first polarity of the last three turns, against ``TREND_TOLERANCE``."""
        recent = self.history[-WINDOW:]
        change = recent[-1] - recent[0] if recent else 0.0
        if abs(change) <= TREND_TOLERANCE:
            return "Stable"
        return "Improving" if change > 0 else "Declining"

    def after(self, polarity: float, affect: Sequence[float]) -> State:
        """The state one client turn later.

        Args:
            polarity: Polarity of the new turn.
            affect: Its four axes.

        Returns:
            A new state with the turn appended to the history.
        """
        return State(self.user, (*self.history, polarity), affect)

    def to_row(self) -> dict[str, Any]:
        """The ``state`` column of a dataset row.

        Returns:
            ``{"user": {...}, "history": [...], "affect": [4 floats]}``, plain JSON types.
        """
        return {
            "user": dict(self.user),
            "history": list(self.history),
            "affect": list(self.affect),
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> State:
        """Reads what ``to_row`` wrote.

        Args:
            row: The ``state`` column; ``user`` values of None mean unknown, as datasets fill them.

        Returns:
            The state.

        Raises:
            InputError: A key is unknown, missing or of another type.
        """
        allowed = ("user", "history", "affect")
        if not isinstance(row, Mapping):
            raise InputError(f"state: expected a mapping, got {type(row).__name__}")
        for key in row:
            if key not in allowed:
                raise InputError(f"state: {key}: unknown key; {did_you_mean(str(key), allowed)}")
        for key in allowed:
            if key not in row:
                raise InputError(f"state: {key} is missing")
        return cls(row["user"] or {}, row["history"], row["affect"])


@dataclass(frozen=True)
class Header:
    """What a state header says; None where it is silent.

    Attributes:
        diagnosis: The client's diagnosis.
        severity: Its severity; the short style has none.
        affect: The four axes to two decimals; the short style has none.
        trend: Trend of the last turns; the short style has none.
        low_axis: The lowest axis that the short style names, or None for Balanced.
        style: ``"full"`` or ``"short"``.
    """

    diagnosis: str | None = None
    severity: str | None = None
    affect: tuple[float, float, float, float] | None = None
    trend: Trend | None = None
    low_axis: str | None = None
    style: Style = "full"


def render(state: State, message: str, style: Style = "full") -> str:
    """Writes a client message under the header of its state.

    Args:
        state: The state; a missing diagnosis or severity is left out; in them, runs of white space
            become one space and square brackets round ones.
        message: What the client says, kept as it is.
        style: ``"full"`` for a block of lines, ``"short"`` for one bracket.

    Returns:
        The text, as ``parse`` reads it back.

    Raises:
        InputError: Unknown style.

    Example:
        >>> state = State({"diagnosis": "MDD"}, (), (-0.1, -0.6, 0, 0))
        >>> render(state, "I hate everything.", style="short")
        '[STATE: MDD, Low-Temper] Patient: I hate everything.'
    """
    if style not in get_args(Style):
        raise InputError(f"state header: {style!r}: {did_you_mean(str(style), get_args(Style))}")
    if style == "short":
        parts = [_one_line(state.user.get("diagnosis", "")), _balance(state)]
        return f"[STATE: {', '.join(filter(None, parts))}] Patient: {message}"
    axes = zip(AXES, state.affect, strict=True)
    lines = [
        "[USER STATE]",
        *_attribute("Diagnosis", state.user.get("diagnosis", "")),
        *_attribute("Severity", state.user.get("severity", "")),
        "Current Affect (e_t): " + ", ".join(f"{axis}: {_two(value)}" for axis, value in axes),
        f"Recent Trend (h_t): {state.trend}",
        "---",
    ]
    return "\n".join(lines) + f"\nPatient: {message}"


def parse(text: str) -> tuple[Header | None, str]:
    """Splits a message from the state header above it.

    Args:
        text: What ``render`` wrote, or anything else.

    Returns:
        The header and the message; ``(None, text)`` where there is no header.

    Example:
        >>> parse("[STATE: MDD, Balanced] Patient: Fine.")[0].diagnosis
        'MDD'
        >>> parse("Fine.")
        (None, 'Fine.')
    """
    if match := _FULL.match(text):
        affect = tuple(float(match[axis]) for axis in AXES)
        head = Header(match["diagnosis"], match["severity"], affect, match["trend"])
        return head, text[match.end() :]
    if match := _SHORT.match(text):
        return Header(match["diagnosis"], low_axis=match["low"], style="short"), text[match.end() :]
    return None, text


_NUMBER = r"-?\d+\.\d\d"
_FULL = re.compile(
    r"\[USER STATE\]\n"
    r"(?:Diagnosis: (?P<diagnosis>[^\n]+)\n)?"
    r"(?:Severity: (?P<severity>[^\n]+)\n)?"
    r"Current Affect \(e_t\): "
    + ", ".join(rf"{axis}: (?P<{axis}>{_NUMBER})" for axis in AXES)
    + r"\nRecent Trend \(h_t\): (?P<trend>"
    + "|".join(get_args(Trend))
    + r")\n---\nPatient: "
)
_SHORT = re.compile(
    r"\[STATE: (?:(?P<diagnosis>[^\n\]]+?), )?(?:Balanced|Low-(?P<low>"
    + "|".join(AXES)
    + r"))\] Patient: "
)


def _attribute(name: str, value: str) -> list[str]:
    value = _one_line(value)
    return [f"{name}: {value}"] if value else []


def _one_line(value: str) -> str:
    # A square bracket in an attribute could close the short header early.
    return " ".join(value.replace("[", "(").replace("]", ")").split())


def _two(value: float) -> str:
    # Rounding first and adding 0.0 turns -0.004 into 0.00 instead of -0.00.
    return f"{round(value, 2) + 0.0:.2f}"


def _balance(state: State) -> str:
    low = min(state.affect)
    return f"Low-{AXES[state.affect.index(low)]}" if low <= LOW_AXIS else "Balanced"


def _user(user: Any) -> Mapping[str, str]:
    if not isinstance(user, Mapping):
        raise InputError(f"state: user: expected a mapping, got {type(user).__name__}")
    known = {str(key): value for key, value in user.items() if value is not None}
    for key, value in known.items():
        if not isinstance(value, str):
            raise InputError(f"state: user: {key}: expected text, got {type(value).__name__}")
    return MappingProxyType(known)


def _floats(name: str, values: Any, length: int | None = None) -> tuple[float, ...]:
    try:
        floats = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        raise InputError(f"state: {name}: expected a list of numbers, got {values!r}") from None
    if length is not None and len(floats) != length:
        raise InputError(f"state: {name}: expected {length} numbers, got {len(floats)}")
    if not all(map(math.isfinite, floats)):
        raise InputError(f"state: {name}: expected finite numbers, got {values!r}")
    return floats
