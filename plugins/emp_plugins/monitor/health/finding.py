"""What a health rule says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """A rule that holds.

    Attributes:
        message: What is wrong, in words and numbers.
        values: The numbers by name, all finite.
    """

    message: str
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Warning:
    """A finding as it is printed and recorded.

    Attributes:
        rule: Name of the rule, a key of ``RULES``.
        step: Training step up to which the history reached.
        message: What is wrong.
        advice: What to try.
        values: The numbers by name, all finite.
    """

    rule: str
    step: int
    message: str
    advice: str
    values: dict[str, float]
