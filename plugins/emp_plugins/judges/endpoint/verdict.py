"""From what a language model wrote to a verdict, or to the reason why there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from emp_plugins.judges.endpoint.rubric import OVERALL, Rubric

LONGEST = 50_000
"""Characters of an answer that are looked at; a longer one is no verdict."""


@dataclass(frozen=True)
class Verdict:
    """One reply's verdict.

    Attributes:
        score: The weighted mean of the marks in [0, 1], or None where there is no verdict.
        marks: The marks on the rubric's scale.
        reason: The model's reasons; may quote the client.
        failure: Why there is no verdict; empty where there is one. Holds no text of the dialogue.
    """

    score: float | None
    marks: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    failure: str = ""


class Unreadable(ValueError):
    """An answer without a verdict; the message says what is wrong and quotes nothing."""


def read(text: str, rubric: Rubric) -> Verdict:
    """Finds the verdict in an answer.

    Prose and code fences around the JSON object do no harm, and what stands before ``</think>`` is
    left out. Everything else is strict: a mark must be a number on the scale, no mark may be
    missing, braces must be JSON, and two verdicts must not differ.

    Args:
        text: What the model wrote.
        rubric: Which marks are due.

    Returns:
        The verdict.

    Raises:
        Unreadable: There is no such object.

    Example:
        >>> from emp_plugins.judges.endpoint.rubric import Rubric
        >>> rubric = Rubric(instructions="Rate.", scale={"low": 1, "high": 5})
        >>> read('Sure: {"score": 4, "reason": "warm"}', rubric).score
        0.75
    """
    if len(text) > LONGEST:
        raise Unreadable(f"the answer is longer than {LONGEST} characters")
    required = rubric.marks
    found = [item for item in _objects(text.rpartition("</think>")[2]) if {*required} <= {*item}]
    if not found:
        raise Unreadable(f"no JSON object with {' and '.join(map(repr, required))}")
    marks = [{name: _mark(name, item[name], rubric) for name in required} for item in found]
    if any(other != marks[0] for other in marks):
        raise Unreadable("several verdicts that differ")
    return Verdict(rubric.value(marks[0]), marks[0], _reason(found[0]))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects; what is inside a string or a broken object is never taken."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            item, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            raise Unreadable("what stands in braces is not JSON") from None
        yield item
        at = text.find("{", end)


def _mark(name: str, item: Any, rubric: Rubric) -> float:
    mark = item.get("score") if name != OVERALL and isinstance(item, dict) else item
    if isinstance(mark, bool) or not isinstance(mark, int | float):
        raise Unreadable(f"{name!r} is not a number")
    low, high = rubric.scale.low, rubric.scale.high
    if not low <= mark <= high:  # NaN too
        raise Unreadable(f"{name!r} is outside {low:g} to {high:g}")
    return float(mark)


def _reason(item: dict[str, Any]) -> str:
    reasons = [item, *(value for value in item.values() if isinstance(value, dict))]
    return " ".join(str(part["reason"]) for part in reasons if part.get("reason"))
