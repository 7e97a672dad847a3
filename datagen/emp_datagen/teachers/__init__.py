"""Teachers write the replies: distilabel LLMs, driven in this process."""

from __future__ import annotations

import contextlib
import importlib
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from emp_plugins.errors import InputError, did_you_mean

TEACHERS = {"scripted": "emp_datagen.teachers.scripted:ScriptedTeacher"}
"""Name to the class, imported when it is asked for: importing distilabel takes seconds."""


def load(name: str = "scripted") -> Any:
    """Makes a teacher ready to generate.

    Args:
        name: One of ``TEACHERS``.

    Returns:
        A distilabel LLM whose ``load`` has run.

    Raises:
        InputError: The name is unknown, or distilabel is not installed.
    """
    if name not in TEACHERS:
        raise InputError(f"teacher: {name!r}: no such teacher; {did_you_mean(name, TEACHERS)}")
    module, _, attribute = TEACHERS[name].partition(":")
    try:
        with quiet_import():
            teacher = getattr(importlib.import_module(module), attribute)()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("emp_"):
            raise
        raise InputError(
            f"teacher {name!r} needs the package {error.name!r}: "
            "pip install 'empathy-recipes[datagen]'"
        ) from error
    teacher.load()
    return teacher


@contextlib.contextmanager
def quiet_import() -> Iterator[None]:
    """Imports distilabel without its traceback hook, which prints local variables: client text."""
    hook = sys.excepthook
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.excepthook = hook
