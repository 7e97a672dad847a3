"""From judged candidates to a pair, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from emp_datagen.judging.clinical import Judged
from emp_plugins.errors import InputError

Select = Literal["label", "judge"]

MIN_MARGIN = 0.1
"""How much better than rejected chosen must be by the judges' total."""

MAX_LENGTH_RATIO = 1.6
"""How much longer one reply of a pair may be than the other, in words."""


@dataclass(frozen=True)
class Candidate:
    """One reply to the same message.

    Attributes:
        text: What the client would see.
        judged: What the judges say.
        error: The clinical error that was asked for; empty for a good reply.
    """

    text: str
    judged: Judged
    error: str = ""


@dataclass(frozen=True)
class Pair:
    """Two candidates in order of preference."""

    chosen: Candidate
    rejected: Candidate

    @property
    def margin(self) -> float:
        """Difference of their totals."""
        return self.chosen.judged.total - self.rejected.judged.total


@dataclass(frozen=True)
class Dropped:
    """No pair, and why: ``vetoed``, ``disagree``, ``tie``, ``margin`` or ``length``."""

    reason: str


@dataclass(frozen=True)
class Rule:
    """What a pair must meet.

    Attributes:
        select: ``label``: the candidate with the error is rejected and the judges verify;
            ``judge``: the best one against the worst one.
        min_margin: Least difference of the totals.
        max_length_ratio: Most difference of the lengths.
    """

    select: Select = "label"
    min_margin: float = MIN_MARGIN
    max_length_ratio: float = MAX_LENGTH_RATIO


def select(candidates: Sequence[Candidate], rule: Rule) -> Pair | Dropped:
    """Builds a pair from candidates.

    Args:
        candidates: At least two replies to one message. By ``label`` the first good one and the
            first one with an error count.
        rule: What the pair must meet.

    Returns:
        The pair, or why there is none.

    Raises:
        InputError: By ``label``, and all are good or all have errors.
    """
    if rule.select == "label":
        good = next((one for one in candidates if not one.error), None)
        bad = next((one for one in candidates if one.error), None)
        if good is None or bad is None:
            raise InputError("select by label needs a good reply and one with an error")
    else:
        allowed = [one for one in candidates if not one.judged.veto]
        if not allowed:
            return Dropped("vetoed")
        good = max(allowed, key=lambda one: one.judged.total)
        bad = min(candidates, key=lambda one: one.judged.total)
    return verified(Pair(good, bad), rule)


def verified(pair: Pair, rule: Rule) -> Pair | Dropped:
    """Keeps a pair that the judges confirm.

    Args:
        pair: The pair.
        rule: What it must meet.

    Returns:
        The pair, or why it is dropped, the gravest reason first.
    """
    if pair.chosen.judged.veto:
        return Dropped("vetoed")
    if pair.margin < 0:
        return Dropped("disagree")
    if pair.margin == 0 or pair.chosen.text == pair.rejected.text:
        return Dropped("tie")
    if pair.margin < rule.min_margin:
        return Dropped("margin")
    if length_ratio(pair.chosen.text, pair.rejected.text) > rule.max_length_ratio:
        return Dropped("length")
    return pair


def agrees(pair: Pair) -> bool:
    """Whether the judges agree with the label: chosen is allowed and scores higher."""
    return not pair.chosen.judged.veto and pair.margin > 0


def length_ratio(one: str, other: str) -> float:
    """How many times longer the longer text is, in words.

    Example:
        >>> length_ratio("a b", "a b c d")
        2.0
    """
    lengths = sorted(max(len(text.split()), 1) for text in (one, other))
    return lengths[1] / lengths[0]
