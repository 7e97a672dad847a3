"""What a reply is like as a whole: its length, its questions, whether it strays from the matter."""

from __future__ import annotations

import re
from collections.abc import Sequence

from emp_tooling.evaluate.guards import Statement
from emp_tooling.evaluate.guards.content import classes, matter
from emp_tooling.evaluate.guards.wording import Segment

_TWICE = re.compile(r"\b(\w+) \1\b")
_FEWEST = 3


def shape(statement: Statement, reply: str, parts: Sequence[Segment]) -> dict[str, float]:
    """Numbers about a whole reply.

    Args:
        statement: What the user said.
        reply: What the user reads.
        parts: Its segments.

    Returns:
        Whether there is nothing in it, or only questions; shares of segments that ask and that
        address the user; its length; whether it repeats words at
        once as broken text does, or holds no word of the statement.
    """
    asked = sum(part.asked for part in parts)
    text = " . ".join(part.text for part in parts)
    return {
        "nothing": float(not parts),
        "only asked": float(bool(parts) and asked == len(parts)),
        "share/asked": asked / max(1, len(parts)),
        "share/you": sum(" you" in f" {part.text}" for part in parts) / max(1, len(parts)),
        "length": min(3.0, len(reply) / 200),
        "garbled": min(2.0, 10 * len(_TWICE.findall(text)) / max(5, len(text.split()))),
        "elsewhere": float(_is_elsewhere(statement, text)),
    }


def _is_elsewhere(statement: Statement, text: str) -> bool:
    here, about = classes(text), matter(statement)
    return len(here) >= _FEWEST and not here & (about.said | about.truth)
