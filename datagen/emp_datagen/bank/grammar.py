"""Forms of sentences: alternatives in square brackets, slots in braces.

    [It sounds like|I hear that] {heard}[, and|, and still] nobody sees it.

A form is parsed once; it is then expanded with a random stream, or turned into the pattern of all
sentences that it can give.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from emp_plugins.errors import InputError

SLOTS = ("topic", "heard", "belief", "feeling", "felt", "fact", "label")
"""What a form can be filled with, see `Facts`."""

_TOKEN = re.compile(r"\{(\w*)\}|([\[\]|])|([^\[\]{}|]+)|(.)", re.DOTALL)
_ANY = r"[^.!?]+?"


@dataclass(frozen=True)
class Slot:
    """A place for one of ``SLOTS``."""

    name: str


@dataclass(frozen=True)
class Choice:
    """Alternatives, each a sequence of parts."""

    options: tuple[tuple[Part, ...], ...]


Part = str | Slot | Choice


@dataclass(frozen=True)
class Form:
    """A parsed form.

    Attributes:
        text: As written.
        parts: Plain text, slots and choices.
        slots: Names of all slots in it.
    """

    text: str
    parts: tuple[Part, ...]
    slots: frozenset[str]

    def expand(self, rng: random.Random, facts: Mapping[str, str]) -> str:
        """Draws one sentence.

        Args:
            rng: Source of the choices.
            facts: A value for each of the form's slots.

        Returns:
            The sentence, its first letter a capital.
        """
        out: list[str] = []
        _expand(self.parts, rng, facts, out)
        text = "".join(out)
        return text[0].upper() + text[1:]

    def pattern(self) -> str:
        """A regular expression of all sentences, in the spelling of `normalise`; slots are open."""
        return _pattern(self.parts)


@functools.cache
def parse(text: str) -> Form:
    """Parses a form.

    Args:
        text: As it stands in a bank.

    Returns:
        The form.

    Raises:
        InputError: Brackets or braces do not match, or a slot is unknown.

    Example:
        >>> form = parse("[I hear|It seems] that {heard}.")
        >>> form.expand(random.Random(0), {"heard": "you sleep badly"})
        'It seems that you sleep badly.'
    """
    stack: list[list[list[Part]]] = [[[]]]
    slots: set[str] = set()
    for slot, mark, plain, stray in _TOKEN.findall(text):
        if stray or (not plain and not mark and slot not in SLOTS):
            raise InputError(f"form: {stray or '{' + slot + '}'!r} in {text!r}")
        if slot:
            slots.add(slot)
            stack[-1][-1].append(Slot(slot))
        elif plain:
            stack[-1][-1].append(plain)
        elif mark == "[":
            stack.append([[]])
        elif len(stack) == 1:
            raise InputError(f"form: {mark!r} without an opening bracket in {text!r}")
        elif mark == "|":
            stack[-1].append([])
        else:
            options = stack.pop()
            stack[-1][-1].append(Choice(tuple(map(tuple, options))))
    if len(stack) > 1:
        raise InputError(f"form: a bracket is not closed in {text!r}")
    return Form(text, tuple(stack[0][0]), frozenset(slots))


def normalise(text: str) -> str:
    """Straight quotes, lower case, single blanks.

    Example:
        >>> normalise("It\u2019s  HARD")
        "it's hard"
    """
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    return " ".join(text.lower().split())


def _expand(
    parts: tuple[Part, ...], rng: random.Random, facts: Mapping[str, str], out: list[str]
) -> None:
    for part in parts:
        if isinstance(part, str):
            out.append(part)
        elif isinstance(part, Slot):
            out.append(facts[part.name])
        else:
            options = part.options
            _expand(options[int(rng.random() * len(options))], rng, facts, out)


def _pattern(parts: tuple[Part, ...]) -> str:
    out = []
    for part in parts:
        if isinstance(part, str):
            # Blanks are folded by `normalise`, so an empty alternative may leave none here.
            out.append(re.sub(r"(?:\\ )+", r"\\s*", re.escape(part.lower().replace("\u2019", "'"))))
        elif isinstance(part, Slot):
            out.append(_ANY if part.name != "fact" else r".+?")
        else:
            out.append(f"(?:{'|'.join(_pattern(option) for option in part.options)})")
    return "".join(out)
