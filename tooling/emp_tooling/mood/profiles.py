"""Sessions with the mood of their turns and the risk that the client disclosed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from emp_plugins.affect import hourglass
from emp_plugins.affect.disclosure import under_risk
from emp_plugins.affect.mood import Mood, profile
from emp_plugins.config import EmpathyConfig
from emp_plugins.rewards import client
from emp_plugins.rewards.reward import reply_text
from emp_plugins.safety import assess
from emp_tooling.mood.rows import Said, Who
from emp_tooling.mood.sessions import Session

Judge = Callable[[str], Any]


@dataclass(frozen=True)
class Flag:
    """What a message of the client discloses.

    Attributes:
        level: Its own, 0 to 4 as in ``emp_plugins.safety.risk``.
        rule: What read it; at level 0 ``none``, or why words of disclosure did not count.
        so_far: The highest level up to this message: risk once disclosed stays.
    """

    level: int
    rule: str
    so_far: int


@dataclass(frozen=True)
class Profile:
    """How one side of a session went.

    Attributes:
        session: Name of the session.
        who: ``client`` or ``reply``.
        said: N messages, oldest first.
        mood: Over them.
        flags: N, empty for replies.
    """

    session: str
    who: Who
    said: tuple[Said, ...]
    mood: Mood
    flags: tuple[Flag, ...] = ()

    @property
    def given(self) -> int:
        """How many turns have their axes from the file and not from a judge."""
        return sum(one.affect is not None for one in self.said)


def profiles(
    sessions: Sequence[Session],
    config: EmpathyConfig,
    *,
    who: Sequence[Who] = ("client",),
    window: int = 3,
    judge: Judge | None = None,
) -> list[Profile]:
    """Reads sessions by the judges of a recipe, each judge once for all of them.

    Args:
        sessions: The sessions.
        config: The recipe's ``empathy:`` block.
        who: Whose messages.
        window: How many turns count as the last ones.
        judge: Kind to judge; those of the recipe by default.

    Returns:
        For each session those sides that said something.

    Raises:
        InputError: A judge cannot be used.
    """
    ask = judge or recipe_judges(config)
    sides = [
        (session.name, side, said)
        for session in sessions
        for side in who
        if (said := tuple(one for one in session.said if one.who == side))
    ]
    flat = [one for _, _, said in sides for one in said]
    disclosed = _risks([one for one in flat if one.who == "client"], ask)
    affects = iter(_affects(flat, disclosed, config, ask))
    risks = iter(disclosed)
    return [
        Profile(
            name,
            side,
            said,
            profile([next(affects) for _ in said], window=window, thresholds=config.categories),
            _flags([next(risks) for _ in said]) if side == "client" else (),
        )
        for name, side, said in sides
    ]


def across(found: Sequence[Profile], config: EmpathyConfig, window: int = 3) -> Mood | None:
    """The mood over sessions, each of which counts by the mean of its axes.

    Args:
        found: Profiles of one side, in order.
        config: Holds the thresholds of the categories.
        window: How many sessions count as the last ones.

    Returns:
        The profile with sessions as turns; None for fewer than two.
    """
    if len(found) < 2:
        return None
    means = [one.mood.axes.mean(axis=0) for one in found]
    return profile(means, window=window, thresholds=config.categories)


def recipe_judges(config: EmpathyConfig) -> Judge:
    """Finds the judges of a recipe by their kind, the embedded ones where it names none.

    Args:
        config: The recipe's ``empathy:`` block.

    Returns:
        Kind to judge.
    """
    from emp_plugins import judges

    return lambda kind: judges.load(kind, config.judge_specs.get(kind))


def _affects(
    said: Sequence[Said],
    disclosed: Sequence[tuple[int, str]],
    config: EmpathyConfig,
    ask: Judge,
) -> list[Sequence[float]]:
    levels = iter(disclosed)
    risk = [next(levels)[0] if one.who == "client" else 0 for one in said]
    unread = [place for place, one in enumerate(said) if one.affect is None]
    affects: list[Any] = [one.affect for one in said]
    if unread:
        texts = [_text(said[place], config) for place in unread]
        matrix = hourglass.matrix(dict(config.matrix))
        read = hourglass.dimensions(ask("emotion").score(texts), matrix)
        # Clipped as in the headers of the training data.
        for place, axes in zip(unread, np.clip(read, -1.0, 1.0).tolist(), strict=True):
            affects[place] = under_risk(axes, risk[place])
    return affects


def _text(one: Said, config: EmpathyConfig) -> str:
    if one.who == "client":
        return one.text
    return reply_text(config.resolved_template.parse(one.text), "whole")


def _risks(said: Sequence[Said], ask: Judge) -> list[tuple[int, str]]:
    """Level and rule of each; the judge reads those of which the file says nothing."""
    unread = [one.text for one in said if one.risk is None]
    read = iter(client.read(unread, ask("risk").score(unread)) if unread else ())
    return [_known(one) if one.risk is not None else _pair(next(read)) for one in said]


def _known(one: Said) -> tuple[int, str]:
    """What the file says, unless plain words say more."""
    found = assess(one.text)
    if found.level > (one.risk or 0):
        return found.level, found.rule
    return one.risk or 0, (one.rule or "given in the file") if one.risk else "none"


def _pair(risk: Any) -> tuple[int, str]:
    return risk.level, risk.rule


def _flags(risks: Sequence[tuple[int, str]]) -> tuple[Flag, ...]:
    highest = accumulate((level for level, _ in risks), max)
    return tuple(
        Flag(level, rule, so_far) for (level, rule), so_far in zip(risks, highest, strict=True)
    )
