"""A bank as it is read from its folder: strategies, plans, styles, errors and words."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from emp_datagen.bank.grammar import Form, normalise, parse
from emp_datagen.bank.model import AXES, ClinicalError, Move, Strategies, Strategy, Style, Words
from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.files import read_yaml
from emp_plugins.validation import validate

SHIPPED = Path(__file__).parent
"""The folder of the bank that comes with the package."""

AT_RISK = 2
"""From this level on a good reply is the risk protocol."""

MISSED_RISK = "missed_risk_signal"
"""The error that lies in what came before the reply."""

CYCLE = ("train", "train", "train", "train", "dev", "heldout")
"""Of each six forms of a list four are for training; a list of fewer than six is used in all."""

Split = Literal["train", "dev", "heldout", "all"]


@dataclass(frozen=True)
class Bank:
    """The sentences of good replies and of clinical errors, and the table that chooses.

    Attributes:
        table: Strategies, plans and styles.
        errors: The clinical errors.
        words: What fills the slots for feelings and labels.
    """

    table: Strategies
    errors: Mapping[str, ClinicalError]
    words: Words

    @property
    def strategies(self) -> Mapping[str, Strategy]:
        """What a good reply does."""
        return self.table.strategies

    @property
    def styles(self) -> Mapping[str, Style]:
        """Ways of being a therapist."""
        return self.table.styles

    def moves(self, risk: int, asks: bool, low: str, style: str = "") -> Sequence[Move]:
        """The sequences of strategies that suit a state.

        Args:
            risk: The client's risk level.
            asks: Whether the client asks about the disorder.
            low: The axis in deficit.
            style: A key of ``styles``, or empty.

        Returns:
            The moves of the first plan whose conditions hold; those of the style where it has its
            own and nobody is at risk.
        """
        own = self.styles[style].moves if style else []
        if own and risk < AT_RISK and not asks:
            return own
        for plan in self.table.plans:
            when = plan.when
            if (
                (when.risk is None or risk >= when.risk)
                and (when.asks is None or when.asks == asks)
                and (when.low is None or when.low == low)
            ):
                return plan.moves
        raise InputError(f"bank: plans: none fits risk {risk}, low {low}")

    def strategy_forms(self, name: str, axis: str, split: Split) -> tuple[list[Form], list[Form]]:
        """Forms of a strategy: those of the axis in deficit, and those that suit all."""
        return self._forms[name, axis, split], self._forms[name, "general", split]

    def error_forms(self, name: str, split: Split) -> list[Form]:
        """Forms of a clinical error."""
        return self._forms[name, "", split]

    def forms(self) -> Iterator[tuple[str, Form]]:
        """Every form with its kind: the name of a strategy or of an error."""
        for (name, _, split), forms in self._forms.items():
            if split == "all":
                yield from ((name, form) for form in forms)

    @functools.cached_property
    def index(self) -> tuple[dict[str, frozenset[str]], list[tuple[re.Pattern[str], str]]]:
        """Normalised sentences, and patterns of those that vary, with the kinds that they are."""
        exact: dict[str, frozenset[str]] = {}
        patterns = []
        for kind, form in self.forms():
            if form.slots or "[" in form.text:
                patterns.append((re.compile(form.pattern()), kind))
            else:
                text = normalise(form.text)
                exact[text] = exact.get(text, frozenset()) | {kind}
        return exact, patterns

    @functools.cached_property
    def _forms(self) -> dict[tuple[str, str, str], list[Form]]:
        lists = {
            (name, group): getattr(strategy.forms, group)
            for name, strategy in self.strategies.items()
            for group in ("general", *AXES)
        }
        lists |= {(name, ""): entry.forms for name, entry in self.errors.items()}
        return {
            (*key, split): list(map(parse, of_split(forms, split)))
            for key, forms in lists.items()
            for split in ("train", "dev", "heldout", "all")
        }


def of_split(forms: Sequence[str], split: Split) -> list[str]:
    """The forms of a list that a split may use.

    Args:
        forms: In the order of the file; append new ones, so that the old keep their split.
        split: ``train``, ``dev``, ``heldout`` or ``all``.

    Returns:
        Four, one and one of each six; all of them where there are fewer than six.

    Example:
        >>> of_split(list("abcdefg"), "train"), of_split(list("abcdefg"), "heldout")
        (['a', 'b', 'c', 'd', 'g'], ['f'])
    """
    if split == "all" or len(forms) < len(CYCLE):
        return list(forms)
    return [form for place, form in enumerate(forms) if CYCLE[place % len(CYCLE)] == split]


@functools.cache
def load_bank(folder: Path = SHIPPED) -> Bank:
    """Reads ``strategies.yml``, ``errors.yml`` and ``words.yml``.

    Args:
        folder: Where they lie; the package's own by default. A file that is missing in a user's
            folder is taken from the package.

    Returns:
        The bank.

    Raises:
        InputError: Names the file, the entry and what is wrong with it.
    """
    table = _checked(Strategies, *_read(folder, "strategies.yml"))
    path, entries = _read(folder, "errors.yml")
    if not isinstance(entries, dict):
        raise InputError(f"{path}: expected a mapping of clinical errors")
    errors = {name: _checked(ClinicalError, path, entry, name) for name, entry in entries.items()}
    words = _checked(Words, *_read(folder, "words.yml"))
    bank = Bank(table, errors, words)
    _check_names(bank, folder)
    _check_forms(bank, folder)
    return bank


def _read(folder: Path, name: str) -> tuple[Path, Any]:
    path = Path(folder) / name
    if not Path(folder).is_dir():
        raise InputError(f"{folder}: no such folder")
    path = path if path.exists() else SHIPPED / name
    return path, read_yaml(path)


def _checked(model: Any, path: Path, data: Any, *place: str) -> Any:
    if not isinstance(data, dict):
        raise InputError(f"{path}: {'.'.join(place)}: expected a mapping")
    try:
        return validate(model, data, place)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _check_names(bank: Bank, folder: Path) -> None:
    rows = [("plans", move) for plan in bank.table.plans for move in plan.moves]
    rows += [(f"styles.{key}", move) for key, style in bank.styles.items() for move in style.moves]
    for place, move in rows:
        for name in move:
            if name not in bank.strategies:
                hint = did_you_mean(name, bank.strategies)
                raise InputError(f"{folder}: {place}: {name!r}: no such strategy; {hint}")


def _check_forms(bank: Bank, folder: Path) -> None:
    seen: dict[str, str] = {}
    for kind, form in bank.forms():
        if form.text[-1] not in ".!?" or any(mark in form.text[:-1] for mark in ".!?"):
            raise InputError(f"{folder}: {kind}: not one sentence: {form.text!r}")
        if seen.setdefault(form.text.lower(), kind) != kind:
            raise InputError(f"{folder}: {kind}: also a form of {seen[form.text.lower()]}")
    for name, entry in bank.errors.items():
        if entry.built_from == "forms" and len(entry.forms) < 4:
            raise InputError(f"{folder}: {name}: forms: at least 4 are needed")
