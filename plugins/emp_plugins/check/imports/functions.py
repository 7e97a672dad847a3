"""The user's own reward functions and dataset transforms, imported as training would."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.registration import function_fault
from emp_plugins.reward_funcs import import_function

GIVEN = (
    *("prompts", "completions", "completion_ids"),
    *("trainer_state", "log_extra", "log_metric", "environments"),
)
"""What TRL passes to a reward beside the columns."""

REWARDED = ("grpo", "gdpo")


def functions(recipe: Recipe) -> Iterator[tuple[KeyPath, str, Callable[..., Any]]]:
    """The reward functions that a recipe names and that can be used.

    Args:
        recipe: The recipe.

    Yields:
        The key of each, its name and the function.
    """
    for path, name in named(recipe):
        if "." in name and "/" not in name:
            with from_here():
                function = None if function_fault(name, gate=False) else import_function(name)
            if function is not None:
                yield path, name, function


def named(recipe: Recipe) -> Iterator[tuple[KeyPath, str]]:
    """The entries of ``trl.reward_funcs`` that are text, with their keys."""
    entries = recipe.get("trl", "reward_funcs")
    if recipe.method not in REWARDED or not isinstance(entries, list):
        return
    for index, name in enumerate(entries):
        if isinstance(name, str) and not name.startswith("emp_plugins.reward_funcs."):
            yield ("trl", "reward_funcs", index), name


@contextlib.contextmanager
def from_here() -> Iterator[None]:
    """Imports from the working folder, as ``axolotl train`` does, and keeps our output clean.

    Yields:
        Nothing; what the block prints goes to standard error.
    """
    here = os.getcwd()
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
        importlib.invalidate_caches()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if added:
            with contextlib.suppress(ValueError):
                sys.path.remove(here)
