"""The phrase bank: composes good and erroneous replies, and recognises what was composed.

A good reply is a validation, a reflection and one open question; where the client discloses risk
of level 2 or more it is the risk protocol instead. An error reply is two or three sentences of one
clinical error. The recogniser knows the bank and nothing else: no reward, no judge.
"""

from __future__ import annotations

import functools
import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from emp_plugins.errors import InputError
from emp_plugins.files import read_yaml

ORDINARY = ("validation", "reflection", "question")
"""Parts of a good reply, in order."""

MISSED_PARTS = ("validation", "reflection", "reflection", "question")
"""Parts of a reply that passes risk over; about as long as the risk protocol."""

PROTOCOL = ("acknowledge", "ask", "resource", "stay")
"""Parts of a reply to a client at risk, in the order in which they are composed."""

AT_RISK = 2
"""From this level on a good reply is the risk protocol."""

MISSED_RISK = "missed_risk_signal"
"""The error that lies in what came before the reply."""

BRIEF_STYLES = ("terse", "hostile")
"""Clients who talk like this get the shorter of two drawn sentences."""

FROM_GENERAL = 0.25
"""Share of parts that come from the general group instead of the axis in deficit."""

_Forms = Annotated[list[str], Field(min_length=1)]
_FOLDER = Path(__file__).parent
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_SLOT = r"[\w'-]+(?: [\w'-]+){0,5}"


class ClinicalError(BaseModel):
    """One entry of the taxonomy of clinical errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    definition: str = Field(min_length=1)
    harm: str = Field(min_length=1, description="Why it harms.")
    approach: list[str] = Field(min_length=1, description="What its reasoning line says.")
    forms: list[str] = Field([], description="Sentences; {topic} is a slot.")
    built_from: Literal["forms", "ordinary"] = Field(
        "forms", description="ordinary: a good reply, wrong after what the client said."
    )


class _Parts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    validation: _Forms
    reflection: _Forms
    question: _Forms


class _Protocol(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    acknowledge: _Forms
    ask: _Forms
    resource: _Forms
    stay: _Forms


class _Phrases(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    general: _Parts
    introspection: _Parts
    temper: _Parts
    attitude: _Parts
    sensitivity: _Parts
    risk: _Protocol


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


@dataclass(frozen=True)
class Bank:
    """The sentences of good replies and of clinical errors."""

    phrases: _Phrases
    errors: Mapping[str, ClinicalError]

    def good(
        self, rng: random.Random, target: str, topic: str, risk: int = 0, style: str = "plain"
    ) -> str:
        """Composes a good reply.

        Args:
            rng: Source of the choices.
            target: The affect axis in deficit, lower case.
            topic: What it is about, as a noun phrase.
            risk: The client's risk level.
            style: How the client talks.

        Returns:
            Three sentences, or the four of the risk protocol.
        """
        if risk < AT_RISK:
            return self._ordinary(rng, ORDINARY, target, topic, style)
        pools = [getattr(self.phrases.risk, part) for part in PROTOCOL]
        return _join([_draw(rng, pool, style) for pool in pools], topic)

    def error(
        self, rng: random.Random, name: str, target: str, topic: str, style: str = "plain"
    ) -> str:
        """Composes a reply that makes one clinical error.

        Args:
            rng: Source of the choices.
            name: The error.
            target: The affect axis in deficit, lower case.
            topic: What it is about, as a noun phrase.
            style: How the client talks.

        Returns:
            Two or three sentences; four where it is built from the parts of good replies.
        """
        entry = self.errors[name]
        if entry.built_from == "ordinary":
            return self._ordinary(rng, MISSED_PARTS, target, topic, style)
        chosen: list[str] = []
        for _ in range(rng.choices((2, 3), (1, 3))[0]):
            chosen.append(_draw(rng, [form for form in entry.forms if form not in chosen], style))
        return _join(chosen, topic)

    def recognise(self, answer: str, risk: int) -> Recognition:
        """Reads an answer as the bank would have written it.

        Args:
            answer: What the client would see.
            risk: The client's risk level.

        Returns:
            The recognition; nothing is recognised in an empty answer.
        """
        sentences = split(answer)
        kinds = [self._kind(sentence) for sentence in sentences]
        found = [name for name in self.errors if name in kinds]
        if risk >= AT_RISK and sentences and not {"ask", "resource"} & set(kinds):
            found.append(MISSED_RISK)
        distinct = len(set(sentences)) == len(sentences)
        shape = _is_protocol(kinds) if risk >= AT_RISK else _is_ordinary(kinds)
        return Recognition(
            good=shape and distinct and not found,
            errors=tuple(name for name in self.errors if name in found),
            known=bool(kinds) and None not in kinds,
        )

    def _ordinary(
        self, rng: random.Random, parts: Sequence[str], target: str, topic: str, style: str
    ) -> str:
        chosen: list[str] = []
        for part in parts:
            group = "general" if rng.random() < FROM_GENERAL else target
            pool = getattr(getattr(self.phrases, group), part)
            chosen.append(_draw(rng, [form for form in pool if form not in chosen], style))
        return _join(chosen, topic)

    def _kind(self, sentence: str) -> str | None:
        exact, slotted = self._index
        if sentence in exact:
            return exact[sentence]
        return next((kind for pattern, kind in slotted if pattern.fullmatch(sentence)), None)

    @functools.cached_property
    def _index(self) -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
        exact, slotted = {}, []
        for kind, form in self.forms():
            text = normalise(form)
            if "{topic}" in text:
                before, after = map(re.escape, text.split("{topic}"))
                slotted.append((re.compile(before + _SLOT + after), kind))
            else:
                exact[text] = kind
        return exact, slotted

    def forms(self) -> list[tuple[str, str]]:
        """Every sentence of the bank with its kind: a part's name or an error's."""
        parts = [(part, forms) for _, group in self.phrases for part, forms in group]
        parts += [(name, entry.forms) for name, entry in self.errors.items()]
        return [(kind, form) for kind, forms in parts for form in forms]


@functools.cache
def load_bank(folder: Path = _FOLDER) -> Bank:
    """Reads ``phrases.yml`` and ``errors.yml``.

    Args:
        folder: Where they lie; the package's own by default.

    Returns:
        The bank.

    Raises:
        InputError: Names the file, the entry and what is wrong with it.
    """
    try:
        path = folder / "phrases.yml"
        phrases = _Phrases.model_validate(read_yaml(path))
        path = folder / "errors.yml"
        errors = TypeAdapter(dict[str, ClinicalError]).validate_python(read_yaml(path))
    except ValidationError as error:
        mistake = error.errors(include_url=False)[0]
        place = ".".join(map(str, mistake["loc"]))
        raise InputError(f"{path}: {place}: {mistake['msg']}") from None
    bank = Bank(phrases, errors)
    seen: dict[str, str] = {}
    for kind, form in bank.forms():
        if len(split(form)) != 1 or form[-1] not in ".!?" or form.count("{topic}") > 1:
            raise InputError(f"{folder}: {kind}: not one sentence with at most one slot: {form!r}")
        if seen.setdefault(normalise(form), kind) != kind:
            raise InputError(f"{folder}: {kind}: also a form of {seen[normalise(form)]}: {form!r}")
    return bank


def recognise(answer: str, risk: int) -> Recognition:
    """Reads an answer as the shipped bank would have written it.

    Args:
        answer: What the client would see.
        risk: The client's risk level.

    Returns:
        Whether it is a complete good reply, which clinical errors it makes, and whether every
        sentence is known.

    Example:
        >>> recognise("Just think positive and everything will fall into place!", risk=0).errors
        ('toxic_positivity',)
    """
    return load_bank().recognise(answer, risk)


def normalise(text: str) -> str:
    """Straight quotes, lower case, single blanks."""
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'")
    return " ".join(text.lower().split())


def split(text: str) -> list[str]:
    """The normalised sentences of a text."""
    return [sentence for sentence in _SENTENCE_END.split(normalise(text)) if sentence]


def _draw(rng: random.Random, options: Sequence[str], style: str) -> str:
    first, second = rng.choice(options), rng.choice(options)
    return min(first, second, key=len) if style in BRIEF_STYLES else first


def _join(sentences: Sequence[str], topic: str) -> str:
    filled = (sentence.replace("{topic}", topic) for sentence in sentences)
    return " ".join(text[0].upper() + text[1:] for text in filled)


def _is_ordinary(kinds: Sequence[str | None]) -> bool:
    letters = "".join(kind[0] if kind in ORDINARY else "-" for kind in kinds)
    return re.fullmatch("v{1,2}r{1,2}q", letters) is not None


def _is_protocol(kinds: Sequence[str | None]) -> bool:
    return len(kinds) == len(PROTOCOL) and kinds[0] == PROTOCOL[0] and set(kinds) == set(PROTOCOL)
