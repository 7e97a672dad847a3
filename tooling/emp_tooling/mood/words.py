"""What is said of a profile, in words."""

from __future__ import annotations

from collections.abc import Sequence

from emp_plugins.affect.categories import LEVELS, Category
from emp_tooling.mood.profiles import Flag, Profile

NOTICE = (
    "A research aid, not a medical device: it describes the emotion of words as a judge reads "
    "them, not a person, and must not be used to diagnose or triage anybody."
)

SIDES = {"client": "client", "reply": "replies"}


def title(one: Profile, several_sides: bool) -> str:
    """Names a profile, with its side where there are two."""
    return f"{one.session} ({SIDES[one.who]})" if several_sides else one.session


def signed(value: float) -> str:
    """A number with its sign and two decimals.

    Example:
        >>> signed(0.5), signed(-0.001)
        ('+0.50', '+0.00')
    """
    return f"{round(value, 2) + 0.0:+.2f}"


def category(found: Category) -> str:
    """A risk category with its level.

    Example:
        >>> from emp_plugins.affect.categories import categorise
        >>> category(categorise((0.0, -0.8, 0.0, 0.0)))
        'outburst, high'
    """
    return found.name if found.level == "none" else f"{found.name}, {found.level}"


def risk(flag: Flag) -> str:
    """The risk so far, and whether this message disclosed some.

    Example:
        >>> risk(Flag(2, "farewell", 2)), risk(Flag(0, "none", 2)), risk(Flag(0, "none", 0))
        ('2 here', '2', '0')
    """
    return f"{flag.so_far} here" if flag.level else str(flag.so_far)


def course(one: Profile) -> str:
    """Where polarity went over the turns."""
    mood = one.mood
    if len(mood) == 1:
        return f"one turn, polarity {signed(mood.polarity[0])}"
    return (
        f"{len(mood)} turns, polarity {signed(mood.polarity[0])} to {signed(mood.polarity[-1])}, "
        f"{signed(mood.slope)} a turn; last {min(mood.window, len(mood))}: mean "
        f"{signed(mood.rolling[-1])}, {mood.trend.lower()}"
    )


def gravest(one: Profile) -> tuple[Category, int]:
    """The gravest category of any turn, and the number of the first turn that has it."""
    levels = [LEVELS.index(found.level) for found in one.mood.categories]
    place = levels.index(max(levels))
    return one.mood.categories[place], place + 1


def gravest_category(one: Profile) -> str:
    """The gravest category and its turn, or ``none``."""
    found, turn = gravest(one)
    return category(found) if found.level == "none" else f"{category(found)} (turn {turn})"


def disclosed(flags: Sequence[Flag]) -> str:
    """The highest risk disclosed, where and by which rule, or ``none``."""
    highest = max((flag.level for flag in flags), default=0)
    if not highest:
        return "none"
    place = next(place for place, flag in enumerate(flags) if flag.level == highest)
    return f"level {highest} of 4 in turn {place + 1} ({flags[place].rule})"


def source(found: Sequence[Profile], judge: str) -> str:
    """Where the axes come from.

    Args:
        found: The profiles.
        judge: What to call the emotion judge.

    Returns:
        A sentence.
    """
    turns = sum(len(one.mood) for one in found)
    given = sum(one.given for one in found)
    if given == turns:
        return "The four dimensions of all turns are given in the file."
    if not given:
        return f"The four dimensions were read by {judge}."
    return (
        f"The four dimensions: {given} of {turns} turns given in the file, the others by {judge}."
    )
