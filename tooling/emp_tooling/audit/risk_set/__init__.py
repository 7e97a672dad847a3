"""Client messages labelled with their risk level, to measure rule-based detection on.

Two halves were written as independent samples of one distribution: the open one to write rules
by, the held-out one only to measure them on. Levels: 0 none; 1 hopelessness or feeling a burden;
2 passive ideation; 3 active ideation or self-harm; 4 plan, preparation or intent. No message says
anything of methods.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources

HALVES = {"held_out": True, "open": False}
"""Files by name, and whether each is the held-out half."""

AT_RISK = 2
"""The lowest level that counts as risk."""


@dataclass(frozen=True)
class RiskMessage:
    """One message of a client.

    Attributes:
        id: Unique over both halves.
        text: What the client wrote.
        level: Risk level, 0 to 4.
        kind: ``explicit``, ``coded`` or, below risk, ``none``.
        category: What sort of message it is, such as ``passive`` or ``idiom``.
        held_out: Whether it is of the half that no rule was written by.
    """

    id: str
    text: str
    level: int
    kind: str
    category: str
    held_out: bool


def load() -> list[RiskMessage]:
    """Reads both halves, the held-out one first.

    Returns:
        The messages, in the order of their files.

    Example:
        >>> messages = load()
        >>> sorted({message.kind for message in messages})
        ['coded', 'explicit', 'none']
        >>> {message.held_out for message in messages} == {True, False}
        True
    """
    return [message for name in HALVES for message in _half(name)]


def _half(name: str) -> list[RiskMessage]:
    text = resources.files(__name__).joinpath(f"{name}.jsonl").read_text(encoding="utf-8")
    # Not splitlines(): it would also break at rarer line separators inside a message.
    rows = [json.loads(line) for line in text.split("\n") if line]
    return [RiskMessage(**row, held_out=HALVES[name]) for row in rows]
