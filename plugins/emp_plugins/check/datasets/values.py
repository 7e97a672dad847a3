"""What a cell of a data set must hold, and what is wrong with one that does not.

Nothing here quotes a cell: it may be a client's words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from emp_plugins.errors import kind as kind_of


class Names(NamedTuple):
    """What a message calls its two parts."""

    role: str = "role"
    content: str = "content"


def fault(kind: str, value: Any, names: Names = Names()) -> str:  # noqa: B008
    """What is wrong with a cell.

    Args:
        kind: A key of ``KINDS``.
        value: The cell.
        names: How messages name their parts.

    Returns:
        The fault in words that quote nothing of the cell, or an empty text.

    Example:
        >>> fault("text", "I failed."), fault("text", 3)
        ('', 'expected text, got a number')
        >>> fault("label", "no")
        'expected true or false, got a text'
    """
    return KINDS[kind](value, names)


def _text(value: Any, names: Names) -> str:
    if not isinstance(value, str):
        return f"expected text, got {kind_of(value)}"
    return "" if value.strip() else "is empty"


def _prompt(value: Any, names: Names) -> str:
    if isinstance(value, list):
        return _messages(value, names)
    if isinstance(value, str):
        return _text(value, names)
    return f"expected text or a list of messages, got {kind_of(value)}"


def _messages(value: Any, names: Names) -> str:
    if not isinstance(value, list):
        return f"expected a list of messages, got {kind_of(value)}"
    if not value:
        return "is empty"
    return next(filter(None, (_message(item, names) for item in value)), "")


def _message(item: Any, names: Names) -> str:
    if not isinstance(item, dict) or not set(names) <= item.keys():
        return f"a message needs {names.role} and {names.content}"
    if not isinstance(item[names.role], str):
        return f"a message's {names.role} is {kind_of(item[names.role])}, not text"
    if not isinstance(item[names.content], str):
        return f"a message's {names.content} is {kind_of(item[names.content])}, not text"
    return ""


def _conversation(value: Any, names: Names) -> str:
    """Messages for SFT, where a turn may hold tool calls or pictures in place of text."""
    if not isinstance(value, list) or not value:
        return _messages(value, names)
    for item in value:
        if not isinstance(item, dict) or names.role not in item:
            return f"a message needs {names.role} and {names.content}"
        if names.content not in item and "tool_calls" not in item:
            return f"a message needs {names.role} and {names.content}"
    return ""


def _reply(value: Any, names: Names) -> str:
    """Text, or messages of which the last is the reply."""
    if isinstance(value, list):
        return _message(value[-1], names) if value else "is empty"
    if isinstance(value, str):
        return _text(value, names)
    return f"expected text or a list of messages, got {kind_of(value)}"


def _turn(value: Any, names: Names) -> str:
    return _message(value, names) if isinstance(value, dict) else _reply(value, names)


def _exchange(value: Any, names: Names) -> str:
    """A client's message and the reply to it."""
    short = isinstance(value, list) and 0 < len(value) < 2
    return "expected a message and its reply" if short else _messages(value, names)


def _label(value: Any, names: Names) -> str:
    known = isinstance(value, bool) or (isinstance(value, int | float) and value in (0, 1))
    return "" if known else f"expected true or false, got {kind_of(value)}"


def _list(value: Any, names: Names) -> str:
    return "" if isinstance(value, list) and value else f"expected a list, got {kind_of(value)}"


def _any(value: Any, names: Names) -> str:
    return "is empty" if value is None else ""


def _risk(value: Any, names: Names) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    level = isinstance(value, int | float) and not isinstance(value, bool)
    known = level and float(value).is_integer() and 0 <= value <= 4
    got = "another number" if level else kind_of(value)
    return "" if known else f"expected a level from 0 to 4 or null, got {got}"


def _state(value: Any, names: Names) -> str:
    if value is None:
        return ""
    if not isinstance(value, Mapping):
        return f"expected an object with affect, or null, got {kind_of(value)}"
    affect = value.get("affect")
    if not affect:
        return ""
    numbers = isinstance(affect, list) and all(kind_of(item) == "a number" for item in affect)
    return "" if numbers and len(affect) == 4 else "affect: expected four numbers"


KINDS: Mapping[str, Callable[[Any, Names], str]] = {
    "text": _text,
    "prompt": _prompt,
    "messages": _messages,
    "conversation": _conversation,
    "reply": _reply,
    "turn": _turn,
    "exchange": _exchange,
    "label": _label,
    "list": _list,
    "any": _any,
    "risk": _risk,
    "state": _state,
}
"""Kind of cell -> its check."""
