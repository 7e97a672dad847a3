"""Errors that users cause and can mend, and the hint that helps them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class InputError(ValueError):
    """Something the user gave is wrong; the message is one line and says what to do.

    Command lines print it without a traceback and exit with status 2.
    """


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """Names the allowed values, nearest first when one is near.

    Args:
        name: What the user wrote.
        allowed: What could have been written.

    Returns:
        A clause for the end of an error message.

    Example:
        >>> did_you_mean("empaty", ["empathy", "safety"])
        "did you mean 'empathy'? (allowed: empathy, safety)"
        >>> did_you_mean("xyz", ["empathy", "safety"])
        'allowed: empathy, safety'
    """
    options = sorted(allowed)
    listed = ", ".join(options)
    near = difflib.get_close_matches(name, options, n=1)
    return f"did you mean {near[0]!r}? (allowed: {listed})" if near else f"allowed: {listed}"


def kind(value: Any) -> str:
    """What a value read from YAML or JSON is, in words.

    Args:
        value: The value.

    Returns:
        For the middle of a sentence.

    Example:
        >>> kind(None), kind([1]), kind(3)
        ('nothing', 'a list', 'a number')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, str):
        return "a text" if value else "an empty text"
    names = {list: "a list", int: "a number", float: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")
