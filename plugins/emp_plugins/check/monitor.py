"""What is wrong with the ``monitor:`` block: its prompts, its rules and how often it measures."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from typing import Any

from emp_plugins.affect.state import parse
from emp_plugins.check.datasets import reader
from emp_plugins.check.datasets.files import files_of, kind_of
from emp_plugins.check.files.local import near_path
from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings.values import number
from emp_plugins.completion import client_text
from emp_plugins.errors import InputError
from emp_plugins.monitor.health import check_settings
from emp_plugins.monitor.prompts import SHIPPED, read_prompts
from emp_plugins.validation import Invalid

KEY = ("empathy", "monitor")
PROMPTS = (*KEY, "prompts")
SAID = ("prompt", "text")
"""Columns that hold what a client says."""


def check(recipe: Recipe) -> Iterator[Finding]:
    """Settings with which a run would not start, or would be measured for nothing.

    Args:
        recipe: The recipe.

    Yields:
        An error for prompts that cannot be used and for unknown health rules; a warning for a
        monitor that is silent between start and end, and for prompts that are trained on.
    """
    block = recipe.get(*KEY)
    if not isinstance(block, Mapping):
        return
    yield from _rules(recipe, block)
    yield from _silent(recipe)
    yield from _prompts(recipe, block.get("prompts"))


def _rules(recipe: Recipe, block: Mapping[str, Any]) -> Iterator[Finding]:
    """The types of both values are left to the check of keys."""
    health, stops = block.get("health") or {}, block.get("stop_on") or []
    if not isinstance(health, Mapping) or not isinstance(stops, list):
        return
    try:
        check_settings(health, list(dict.fromkeys(map(str, stops))), KEY)
    except Invalid as error:
        for problem in error.problems:
            yield recipe.finding(problem.path, problem.message)


def _silent(recipe: Recipe) -> Iterator[Finding]:
    steps, every = number(recipe.get("max_steps")), number(recipe.get(*KEY, "every_steps")) or 100
    if steps is not None and 0 < steps < every:
        yield recipe.finding(
            (*KEY, "every_steps"),
            f"the run has {steps:g} steps: it would be measured at its start and end alone, and "
            f"not every {every:g}",
            severity="warning",
            suggestion=f"use every_steps: {max(1, int(steps) // 4)}",
        )


def _prompts(recipe: Recipe, path: Any) -> Iterator[Finding]:
    if path is not None and not isinstance(path, str):
        return
    if path is not None and not os.path.isfile(path):
        hint = near_path(path) or "leave it out: 48 held-out prompts ship with the package"
        yield recipe.finding(PROMPTS, f"{path}: no such file", suggestion=hint)
        return
    try:
        held_out = {_digest(row) for row in read_prompts(path or SHIPPED)}
    except InputError as error:
        yield recipe.finding(PROMPTS, str(error))
        return
    seen = len(held_out & set(_trained_on(recipe)))
    if seen:
        yield recipe.finding(
            PROMPTS,
            f"{seen} of {len(held_out)} prompts are also in the training data, so they are not "
            "held out",
            severity="warning",
            suggestion="make others: emp-datagen prompts --split heldout",
        )


def _trained_on(recipe: Recipe) -> Iterator[str]:
    """What clients say in the first rows of the local files under ``datasets``."""
    for key, entry in recipe.datasets():
        if key[0] != "datasets":
            continue
        for file in files_of(entry):
            if file.stat().st_size:
                for row in reader.read(file, kind_of(entry, file, recipe.method)).rows:
                    yield from filter(None, [_digest(row.values)])


def _digest(row: Mapping[str, Any]) -> str:
    """A fingerprint of the client's last message without its header; empty where there is none."""
    said = next((row[name] for name in SAID if row.get(name)), None)
    text = client_text(said) if isinstance(said, (str, list)) else ""
    words = " ".join(parse(text)[1].split()).casefold()
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest() if words else ""
