"""Tables of cues: the phrases by which a reply shows empathy, or does harm."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, get_args

from emp_plugins.patterns import Patterns, matches, split
from emp_plugins.rewards.language.text import aligned, spans

Table = Literal["reactions", "interpretations", "explorations", "harm"]

REMEMBERED = 16_384
"""Texts whose cues are kept: more than one reward asks for them."""

LONGEST = 1000
"""Characters of a sentence that are read: bounds the time on text without any stop."""


@dataclass(frozen=True)
class Cue:
    """One row of a table.

    Attributes:
        name: The row's key.
        strength: How much of its mechanism it expresses alone, in [0, 1].
        pattern: What it looks like in ``aligned`` text.
        kind: A word that the mechanism's formula knows, empty where it needs none.
    """

    name: str
    strength: float
    pattern: re.Pattern[str]
    kind: str = ""


@dataclass(frozen=True)
class Hit:
    """A cue found in a reply.

    Attributes:
        cue: The cue.
        sentence: Number of the sentence.
        start: Where it starts in the reply.
        end: Where it ends.
    """

    cue: Cue
    sentence: int
    start: int
    end: int


@functools.cache
def table(name: Table) -> tuple[Cue, ...]:
    """Reads one of the tables in this folder.

    Args:
        name: File name without ``.yml``.

    Returns:
        Its cues in the file's order.

    Example:
        >>> [cue.name for cue in table("harm") if cue.strength]
        ['despair', 'hopelessness', 'dismissal', 'refusal']
    """
    terms = _read("terms")
    return tuple(
        Cue(key, row["strength"], _compiled(row["patterns"], terms), row.get("kind", ""))
        for key, row in _read(name).items()
    )


def find(text: str, name: Table) -> tuple[Hit, ...]:
    """Finds every cue of a table in every sentence of a text.

    Args:
        text: The reply as it stands.
        name: The table.

    Returns:
        The hits, sentence by sentence, there in the table's order.

    Example:
        >>> text = "Oh no. I am so sorry."
        >>> [(hit.cue.name, text[hit.start : hit.end]) for hit in find(text, "reactions")]
        [('commiseration', 'Oh'), ('sorrow', 'I am so sorry'), ('sorry', 'sorry')]
    """
    return _found(text)[name]


@functools.lru_cache(maxsize=REMEMBERED)
def _found(text: str) -> dict[Table, tuple[Hit, ...]]:
    """The hits of every table."""
    low = aligned(text)
    hits: dict[Table, list[Hit]] = {name: [] for name in get_args(Table)}
    for number, (start, end) in enumerate(spans(text)):
        sentence = low[start : min(end, start + LONGEST)]
        for (name, place), alternatives in _patterns().possible(sentence).items():
            cue = table(name)[place]
            hits[name] += [
                Hit(cue, number, start + match.start(), start + match.end())
                for match in matches(alternatives, sentence)
                if match.end() > match.start()
            ]
    return {name: tuple(found) for name, found in hits.items()}


@functools.cache
def _patterns() -> Patterns:
    return Patterns(
        {
            (name, place): split(cue.pattern.pattern)
            for name in get_args(Table)
            for place, cue in enumerate(table(name))
        }
    )


@functools.cache
def _read(name: str) -> dict[str, Any]:
    import yaml

    text = resources.files(__package__).joinpath(f"{name}.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _compiled(patterns: Sequence[str], terms: dict[str, str]) -> re.Pattern[str]:
    joined = "|".join(patterns)
    for term, spelling in terms.items():
        joined = joined.replace(f"<{term}>", f"(?:{spelling})")
    return re.compile(re.sub(" (?![?*+{])", " +", joined.replace(" ?", " *")))
