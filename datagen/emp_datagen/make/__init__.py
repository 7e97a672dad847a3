"""One file a verb: from a case to a row, or to the reason why there is none."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAKERS: Mapping[str, str] = {
    "pairs": "emp_datagen.make.pairs",
    "prompts": "emp_datagen.make.prompts",
    "groups": "emp_datagen.make.groups",
    "kto": "emp_datagen.make.kto",
    "dialogues": "emp_datagen.make.dialogues",
}
"""Verb -> module with ``KIND``, the schema of its rows, and ``make(plan, case, crew)``."""


@dataclass(frozen=True)
class Made:
    """What became of a case.

    Attributes:
        rows: Rows by the verb's schema; none where it was dropped.
        dropped: Why there are none, or empty.
        error: The clinical error that the case was about, or empty.
        agrees: Whether the judges agree with the label; None where they were not asked.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    dropped: str = ""
    error: str = ""
    agrees: bool | None = None


def maker(verb: str) -> Any:
    """The module of a verb."""
    return importlib.import_module(MAKERS[verb])
