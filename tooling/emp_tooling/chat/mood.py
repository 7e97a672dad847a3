"""The mood profile of a chat so far, as its states tell it."""

from __future__ import annotations

from dataclasses import dataclass

from emp_plugins.affect.mood import profile
from emp_plugins.affect.state import State
from emp_tooling.chat.conversation import Conversation


@dataclass(frozen=True)
class Point:
    """One turn of the profile.

    Attributes:
        turn: From 1.
        affect: The four axes in the order of ``AXES``, mostly in [-1, 1]; several emotions at once
            may go beyond.
        polarity: Of the turn, on the same scale.
        rolling: Mean polarity of the last three turns.
        trend: Of the last three turns, in a word.
        category: Name of the risk category, such as ``anxiety``, or ``none``.
        level: Risk disclosed so far, 0 to 4.
    """

    turn: int
    affect: tuple[float, ...]
    polarity: float
    rolling: float
    trend: str
    category: str
    level: int


def points(
    conversation: Conversation, state: State | None = None, category: str = "none", level: int = 0
) -> list[Point]:
    """The profile.

    Args:
        conversation: What was said; turns without a state are left out.
        state: That of a message which waits for its answer, or None.
        category: Name of its risk category.
        level: Risk disclosed up to it.

    Returns:
        A point for each turn with a state.
    """
    told = [(turn.state, turn.category, turn.level) for turn in conversation.turns]
    known = [
        (number, at.affect, name, risk)
        for number, (at, name, risk) in enumerate([*told, (state, category, level)], 1)
        if at is not None
    ]
    if not known:
        return []
    mood = profile([affect for _, affect, _, _ in known])
    columns = zip(known, mood.polarity.tolist(), mood.rolling.tolist(), mood.trends, strict=True)
    return [
        Point(number, affect, polarity, rolling, trend, name, risk)
        for (number, affect, name, risk), polarity, rolling, trend in columns
    ]
