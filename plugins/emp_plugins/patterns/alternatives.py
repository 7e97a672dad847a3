"""A regular expression as its alternatives, each compiled for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+", re.DOTALL)


def split(source: str) -> list[str]:
    r"""Splits a regular expression at the bars that stand in no group.

    Args:
        source: A regular expression without flags inside.

    Returns:
        Its alternatives; joined by bars they are the expression again.

    Example:
        >>> split(r"sad|(?:so|very) glad|[|]|\|")
        ['sad', '(?:so|very) glad', '[|]', '\\|']
    """
    depth, found = 0, [""]
    for token in _TOKEN.findall(source):
        depth += (token == "(") - (token == ")")
        if token == "|" and not depth:
            found.append("")
        else:
            found[-1] += token
    return found


def matches(alternatives: Sequence[re.Pattern[str]], text: str) -> Iterator[re.Match[str]]:
    """What ``finditer`` of the alternatives joined by bars gives.

    Args:
        alternatives: Patterns none of which matches the empty string, or a single one.
        text: What is searched.

    Returns:
        The matches, from left to right, none over another: the earliest, of those that start
        together the first alternative's.

    Example:
        >>> found = matches([re.compile("so sad"), re.compile("so|sad")], "so sad, so glad")
        >>> [match.group() for match in found]
        ['so sad', 'so']
    """
    if len(alternatives) == 1:
        return alternatives[0].finditer(text)
    heads = [(match, one) for one in alternatives if (match := one.search(text))]
    return _merged(heads, text) if heads else iter(())


def _merged(
    heads: list[tuple[re.Match[str], re.Pattern[str]]], text: str
) -> Iterator[re.Match[str]]:
    while heads:
        best = min((match for match, _ in heads), key=re.Match.start)
        yield best
        end = best.end()
        heads = [
            (match, one)
            for head, one in heads
            if (match := head if head.start() >= end else one.search(text, end))
        ]


def first(alternatives: Sequence[re.Pattern[str]], text: str) -> re.Match[str] | None:
    """What ``search`` of the alternatives joined by bars gives.

    Args:
        alternatives: Patterns in their order.
        text: What is searched.

    Returns:
        The match, None without one.
    """
    found = [match for one in alternatives if (match := one.search(text))]
    return min(found, key=re.Match.start, default=None)
