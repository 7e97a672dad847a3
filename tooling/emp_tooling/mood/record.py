"""Profiles as plain JSON types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emp_plugins.affect.categories import Category
from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.mood import Mood
from emp_tooling.mood import words
from emp_tooling.mood.profiles import Profile

DECIMALS = 6


def record(
    found: Sequence[Profile], over: Mood | None, *, source: str, broken: int, quote: bool
) -> dict[str, Any]:
    """Everything that is known of the sessions.

    Args:
        found: The profiles.
        over: The mood over sessions, or None.
        source: Where the axes come from.
        broken: How many lines were skipped.
        quote: Whether to hold the messages.

    Returns:
        ``sessions`` with their ``turns``, ``over_sessions``, ``source``, ``broken_lines``,
        ``notice``. Risk is there for the client alone; ``text`` only with ``quote``.
    """
    return {
        "sessions": [_session(one, quote) for one in found],
        "over_sessions": None if over is None else {**_whole(over), "sessions": _points(over)},
        "source": source,
        "broken_lines": broken,
        "notice": words.NOTICE,
    }


def _session(one: Profile, quote: bool) -> dict[str, Any]:
    turns = _points(one.mood)
    for place, (turn, said) in enumerate(zip(turns, one.said, strict=True)):
        number = place + 1 if said.turn is None else said.turn
        turn |= {"turn": number, "given": said.affect is not None}
        if said.time is not None:
            turn["time"] = said.time
        if one.who == "client":
            flag = one.flags[place]
            turn["category"] = _category(one.mood.categories[place])
            turn["risk"] = {"level": flag.level, "rule": flag.rule, "so_far": flag.so_far}
        if quote:
            turn["text"] = said.text
    last = {"category": _category(one.mood.category)} if one.who == "client" else {}
    risk = {"risk": one.flags[-1].so_far} if one.flags else {}
    return {
        "session": one.session, "who": one.who, **_whole(one.mood), **last, **risk, "turns": turns,
    }  # fmt: skip


def _whole(mood: Mood) -> dict[str, Any]:
    return {
        "window": mood.window,
        "polarity": _number(mood.polarity.mean()),
        "rolling": _number(mood.rolling[-1]),
        "slope": _number(mood.slope),
        "recent_slope": _number(mood.slopes[-1]),
        "axis_slopes": dict(zip(map(str.lower, AXES), map(_number, mood.axis_slopes), strict=True)),
        "trend": mood.trend,
    }


def _points(mood: Mood) -> list[dict[str, Any]]:
    return [
        {
            **dict(zip(map(str.lower, AXES), map(_number, mood.axes[place]), strict=True)),
            "polarity": _number(mood.polarity[place]),
            "rolling": _number(mood.rolling[place]),
            "slope": _number(mood.slopes[place]),
            "trend": mood.trends[place],
        }
        for place in range(len(mood))
    ]


def _category(found: Category) -> dict[str, Any]:
    return {"level": found.level, "name": found.name, "driver": found.driver}


def _number(value: float) -> float:
    return round(float(value), DECIMALS)
