"""Reads a reply as a bank would have written it: no reward, no judge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emp_datagen.bank.grammar import normalise
from emp_datagen.bank.load import AT_RISK, MISSED_RISK, Bank
from emp_datagen.bank.model import AXES, Move

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_ANSWERS = "psychoeducation"


@dataclass(frozen=True)
class Recognition:
    """What the recogniser saw in an answer.

    Attributes:
        good: A complete good reply, made of nothing but the bank.
        errors: The clinical errors in it, in the order of the taxonomy.
        known: Every sentence comes from the bank.
    """

    good: bool
    errors: tuple[str, ...]
    known: bool


def recognise(answer: str, risk: int, bank: Bank) -> Recognition:
    """Reads an answer as the bank would have written it.

    Args:
        answer: What the client would see.
        risk: The client's risk level.
        bank: The sentences; it knows no others.

    Returns:
        Whether it is a complete good reply (its strategies are a move of a plan, one of them
        possibly said twice), which clinical errors it makes, and whether every sentence is known.
        Nothing is recognised in an empty answer.
    """
    sentences = split(answer)
    kinds: list[frozenset[str]] = []
    for sentence in sentences:
        kinds.append(_kinds(bank, sentence) or _answered(kinds))
    found = [name for name in bank.errors if any(name in kind for kind in kinds)]
    protocol = bank.moves(AT_RISK, False, AXES[0])
    if risk >= AT_RISK and sentences and not _meets_risk(protocol, kinds):
        found.append(MISSED_RISK)
    distinct = len(set(sentences)) == len(sentences)
    return Recognition(
        good=distinct and not found and _is_good(bank, kinds, risk),
        errors=tuple(name for name in bank.errors if name in found),
        known=bool(kinds) and all(kinds),
    )


def split(text: str) -> list[str]:
    """The normalised sentences of a text.

    Example:
        >>> split("I hear you.  What happened?")
        ['i hear you.', 'what happened?']
    """
    return [sentence for sentence in _SENTENCE_END.split(normalise(text)) if sentence]


def _kinds(bank: Bank, sentence: str) -> frozenset[str]:
    """What a sentence can be; where it can be an error, it is."""
    exact, patterns = bank.index
    found = exact.get(sentence) or frozenset(
        kind for pattern, kind in patterns if pattern.fullmatch(sentence)
    )
    return frozenset(found & bank.errors.keys()) or found


def _answered(kinds: Sequence[frozenset[str]]) -> frozenset[str]:
    """What an unknown sentence is: the answer to a client's question may be two sentences long."""
    goes_on = kinds and _ANSWERS in kinds[-1]
    return frozenset({_ANSWERS}) if goes_on else frozenset()


def _meets_risk(protocol: Sequence[Move], kinds: Sequence[frozenset[str]]) -> bool:
    """Whether one of the middle parts of the protocol, which ask and point to help, is there."""
    middle = {part for move in protocol for part in move[1:-1]}
    return any(middle & kind for kind in kinds)


def _is_good(bank: Bank, kinds: Sequence[frozenset[str]], risk: int) -> bool:
    if risk >= AT_RISK:
        moves = bank.moves(risk, False, AXES[0])
        return any(_is_protocol(move, kinds) for move in moves)
    plans = [plan.moves for plan in bank.table.plans if (plan.when.risk or 0) < AT_RISK]
    styles = [style.moves for style in bank.styles.values()]
    return any(_follows(move, kinds) for moves in (*plans, *styles) for move in moves)


def _is_protocol(move: Move, kinds: Sequence[frozenset[str]]) -> bool:
    """All parts in any order, the first one first."""
    return (
        len(kinds) == len(move)
        and move[0] in kinds[0]
        and all(any(part in kind for kind in kinds) for part in move)
    )


def _follows(move: Move, kinds: Sequence[frozenset[str]], twice: bool = True) -> bool:
    """The strategies of a move in order, one but the last possibly said twice."""
    if not move or not kinds:
        return not move and not kinds
    if move[0] not in kinds[0]:
        return False
    if _follows(move[1:], kinds[1:], twice):
        return True
    again = twice and len(move) > 1 and len(kinds) > 1 and move[0] in kinds[1]
    return again and _follows(move[1:], kinds[2:], twice=False)
