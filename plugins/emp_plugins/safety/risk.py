"""How much risk a client's message discloses."""

from __future__ import annotations

import functools
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from emp_plugins.patterns import Patterns, first, matches
from emp_plugins.safety.context import context
from emp_plugins.safety.text import alternatives, normalise, plain, table

__all__ = ["LEVELS", "Risk", "assess", "plain", "risk_level"]

LEVELS = (0, 1, 2, 3, 4)
"""0 none, 1 hopelessness or burden, 2 passive ideation, 3 active ideation or self-harm, 4 plan,
means, preparation or intent."""

TABLES = {"explicit": ("explicit", "mentions"), "coded": ("coded", "indirect", "hints")}
"""Which files of ``tables/`` hold disclosure of each kind."""

MAX_CHARS = 20_000
"""Longer messages are read from both ends."""


_IDIOMS = ("idioms",)


@dataclass(frozen=True)
class Risk:
    """What a message discloses.

    Attributes:
        level: 0 to 4, see ``LEVELS``.
        kind: ``explicit`` where it is said in plain words, ``coded`` where it is in slang, by
            euphemism or by what the client does; ``none`` at level 0.
        span: Start and end of the words that say so, in the message; None at level 0.
        rule: Name of the rule that read it. At level 0 ``none``, or why words of disclosure did
            not count: ``negated``, ``other_person``, ``past_resolved``, ``professional``,
            ``accident``.
    """

    level: int
    kind: Literal["explicit", "coded", "none"]
    span: tuple[int, int] | None
    rule: str


@dataclass(frozen=True)
class _Rule:
    name: str
    level: int
    kind: Literal["explicit", "coded"]
    pattern: Sequence[str]
    also: Sequence[str]
    own: bool


def risk_level(message: str) -> int:
    """The level that ``assess`` finds.

    Args:
        message: One client message, without a state header.

    Returns:
        The highest level found, 0 to 4.

    Example:
        >>> risk_level("I wish I could not wake up."), risk_level("I failed my exam.")
        (2, 0)
    """
    return assess(message).level


@functools.lru_cache(maxsize=16_384)
def assess(message: str) -> Risk:
    """Reads what a client's message discloses about suicide and self-harm.

    Rules, not a model. The spelling is unified (``tables/words.yml``), idioms are taken out
    (``tables/idioms.yml``), then words of disclosure are looked for (``tables/explicit.yml``,
    ``tables/coded.yml``), the gravest first. Each find counts unless its own clause or sentence
    says otherwise (``tables/context.yml``): it is denied, it is somebody else's, it is long past
    and over, it is the subject of somebody's work or reading, it was an accident. A joke or a
    retraction around it never takes it back. The levels follow what the VERA-MH rubric calls
    statements of potential risk (Spring Care, 2025). It misses what no listed phrase says, and
    must not be used to triage people.

    Args:
        message: One client message, without a state header.

    Returns:
        The gravest disclosure.

    Example:
        >>> assess("My brother wants to die and I am scared.").level
        0
        >>> assess("ngl i kinda want to unalive myself. jk").kind
        'coded'
    """
    if len(message) > MAX_CHARS:
        half = MAX_CHARS // 2
        message = f"{message[:half]}\n{message[-half:]}"
    normal = normalise(message)
    text, possible = _without_idioms(normal.text)
    dismissed = "none"
    for rule in _rules()[0]:
        if rule.name not in possible:
            continue
        if rule.also and not first(possible.get((rule.name, "with"), ()), text):
            continue
        for match in matches(possible[rule.name], text):
            reason = context().dismissal(text, *match.span(), own=rule.own)
            if reason is None:
                return Risk(rule.level, rule.kind, normal.span(*match.span()), rule.name)
            dismissed = reason
    return Risk(0, "none", None, dismissed)


@functools.cache
def _rules() -> tuple[list[_Rule], Sequence[str]]:
    fragments = table("fragments")
    rules = [
        _Rule(
            name=name,
            level=row["level"],
            kind=row.get("kind", kind),
            pattern=alternatives(row["any"], fragments),
            also=alternatives(row.get("with", []), fragments),
            own=row.get("own", False),
        )
        for kind, names in TABLES.items()
        for file in names
        for name, row in table(file).items()
    ]
    idioms = alternatives(table("idioms"), fragments)
    return sorted(rules, key=lambda rule: -rule.level), idioms


@functools.cache
def _patterns() -> Patterns:
    rules, idioms = _rules()
    sources: dict[Hashable, Sequence[str]] = {_IDIOMS: idioms}
    for rule in rules:
        sources[rule.name] = rule.pattern
        sources[rule.name, "with"] = rule.also
    return Patterns(sources)


def _without_idioms(text: str) -> tuple[str, Mapping[Any, Sequence[re.Pattern[str]]]]:
    """A text with its idioms masked, and the patterns that may match in what is left."""
    possible = _patterns().possible(text)
    masked, end = "", 0
    for match in matches(possible.get(_IDIOMS, ()), text):
        masked += text[end : match.start()] + "~" * len(match.group())
        end = match.end()
    if not end:
        return text, possible
    masked += text[end:]
    return masked, _patterns().possible(masked)
