"""What a client's turn discloses, by two readers: phrase tables and the risk judge."""

from __future__ import annotations

from collections.abc import Sequence

from emp_plugins.rewards.batch import Batch
from emp_plugins.safety import Risk, assess

AT_RISK = 2

ALONE = 0.8
"""Probability from which on the judge needs no phrase."""

SECONDED = 0.35
"""Probability that a coded phrase needs beside it."""


def joined(rules: Risk, probability: float) -> Risk:
    """What both readers say of one message.

    A disclosure in plain words stands by itself. A coded phrase needs the judge to second it: it
    may be meant as said. What
    the tables do not know is risk of level 2 where the judge is sure. Both bounds were chosen on
    predictions for writers that the judge had not seen (``emp train-risk``).

    Args:
        rules: What ``safety.assess`` read.
        probability: The judge's, in [0, 1].

    Returns:
        The risk, with rule ``reader`` where only the judge saw it.

    Example:
        >>> farewell = assess("By Sunday it will all be over.")
        >>> joined(farewell, 0.9).level > joined(farewell, 0.05).level
        True
        >>> joined(assess("Who would even come to mine?"), 0.9).rule
        'reader'
    """
    if rules.level >= AT_RISK and (rules.kind == "explicit" or probability >= SECONDED):
        return rules
    if probability >= ALONE:
        return Risk(AT_RISK, "coded", None, "reader")
    return rules if rules.level < AT_RISK else Risk(0, "none", None, f"{rules.rule}, unseconded")


def read(messages: Sequence[str], probabilities: Sequence[float]) -> list[Risk]:
    """Reads messages.

    Args:
        messages: N messages, without a state header.
        probabilities: The risk judge's N scores.

    Returns:
        N risks.
    """
    pairs = zip(messages, probabilities, strict=True)
    return [joined(assess(message), float(p)) for message, p in pairs]


def risks(batch: Batch) -> list[tuple[int, str]]:
    """The risk level of each client in a batch and the rule that read it.

    Args:
        batch: Its ``risk`` column is what the data says. Where it holds a number, that or a higher
            level of the tables counts and the judge is not asked; elsewhere both readers are.

    Returns:
        One pair a reply.
    """
    known = batch.columns.get("risk") or [None] * len(batch)
    asked = [client for client, level in zip(batch.clients, known, strict=True) if level is None]
    scores = dict(zip(asked, batch.judge("risk")(asked), strict=True)) if asked else {}
    return [
        _known(assess(client), int(level)) if level is not None else _read(client, scores[client])
        for client, level in zip(batch.clients, known, strict=True)
    ]


def _known(rules: Risk, column: int) -> tuple[int, str]:
    return (column, "risk column") if column >= rules.level else (rules.level, rules.rule)


def _read(client: str, probability: float) -> tuple[int, str]:
    found = joined(assess(client), float(probability))
    return found.level, found.rule
