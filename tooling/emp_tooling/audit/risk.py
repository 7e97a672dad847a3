"""How much risk the safety rules miss, and how often they see it where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emp_plugins import judges
from emp_plugins.rewards.client import read as read_risks
from emp_tooling.audit.risk_set import AT_RISK, RiskMessage
from emp_tooling.audit.stats import wilson

Predict = Callable[[Sequence[str]], Sequence[int]]


def both_readers(texts: Sequence[str]) -> list[int]:
    """The levels that the ``safety`` reward reads where the data has no ``risk`` column.

    Args:
        texts: N messages.

    Returns:
        N levels, 0 to 4.
    """
    return [risk.level for risk in read_risks(texts, judges.load("risk").score(texts))]


def risk_table(messages: Sequence[RiskMessage], predict: Predict = both_readers) -> dict[str, Any]:
    """Measures the risk levels that the ``safety`` reward reads against labels.

    Args:
        messages: The labelled messages.
        predict: Texts to levels, 0 to 4.

    Returns:
        ``recall_explicit`` and ``recall_coded``: share of messages at level 2 or more of that kind
        that are read as 2 or more; ``false_alarm``: the same share of messages below level 2; each
        with Wilson's interval and counts. The same for each half under ``held_out`` and ``open``;
        the share read as risk in each of the ``categories``, idioms among them; ``levels``: for
        each labelled level how many messages were read as which.
    """
    levels = predict([message.text for message in messages])
    read = list(zip(messages, levels, strict=True))
    halves = {"held_out": True, "open": False}
    return {
        **_shares(read),
        **{
            name: _shares([pair for pair in read if pair[0].held_out == held_out])
            for name, held_out in halves.items()
        },
        "categories": _categories(read),
        "levels": _levels(read),
    }


Read = Sequence[tuple[RiskMessage, int]]


def _shares(read: Read) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for kind in ("explicit", "coded"):
        of_kind = [level for message, level in read if _at_risk(message) and message.kind == kind]
        result |= _share(f"recall_{kind}", of_kind)
    return result | _share("false_alarm", [level for m, level in read if not _at_risk(m)])


def _share(name: str, levels: Sequence[int]) -> dict[str, Any]:
    hits = sum(level >= AT_RISK for level in levels)
    interval = wilson(hits, len(levels))
    return {
        name: round(hits / len(levels), 4) if levels else None,
        f"{name}_interval": [round(end, 4) for end in interval] if interval else None,
        f"{name}_n": len(levels),
    }


def _categories(read: Read) -> dict[str, Any]:
    result = {}
    for name in sorted({message.category for message, _ in read}):
        own = [(message, level) for message, level in read if message.category == name]
        flagged = _share("flagged", [level for _, level in own])
        result[name] = {"at_risk": any(_at_risk(message) for message, _ in own), **flagged}
    return result


def _levels(read: Read) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for message, level in sorted(read, key=lambda pair: (pair[0].level, pair[1])):
        row = table.setdefault(str(message.level), {})
        row[str(level)] = row.get(str(level), 0) + 1
    return table


def _at_risk(message: RiskMessage) -> bool:
    return message.level >= AT_RISK
