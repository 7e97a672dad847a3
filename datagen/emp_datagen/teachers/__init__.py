"""Teachers write the replies: distilabel LLMs, driven in this process."""

from __future__ import annotations

import contextlib
import importlib
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_datagen import bank as banks
from emp_datagen.teachers.agent import Agent, Meter, TeacherError
from emp_datagen.teachers.order import Order
from emp_plugins.errors import InputError, did_you_mean

__all__ = ["TEACHERS", "Agent", "Meter", "Order", "Settings", "TeacherError", "load"]

TEACHERS: Mapping[str, tuple[str, str]] = {
    "scripted": ("emp_datagen.teachers.local", "scripted"),
    "openai": ("emp_datagen.teachers.endpoint", "openai:MODEL@URL"),
    "anthropic": ("emp_datagen.teachers.endpoint", "anthropic:MODEL"),
    "hf": ("emp_datagen.teachers.local", "hf:PATH"),
    "vllm": ("emp_datagen.teachers.local", "vllm:MODEL"),
}
"""Kind -> module whose ``make(kind, rest, settings, meter)`` gives an agent, and how it is written.
Imported when asked for: importing distilabel takes seconds."""

OWN_EXTRAS = ("anthropic", "vllm")
"""Packages that come with an extra of their own name."""


@dataclass(frozen=True)
class Settings:
    """How teachers are asked.

    Attributes:
        concurrency: Requests under way at a time.
        rpm: Requests a minute at most; 0 for no limit.
        tpm: Tokens a minute at most; 0 for no limit.
        timeout: Seconds until a request is given up.
        retries: How often a request that failed is sent again.
        temperature: Of sampling.
        max_tokens: Of one reply.
        prompts: Folder with prompt templates that replace the package's; None for none.
        bank: Folder of the phrase bank: strategies, styles and errors.
        personas: Folder with persona files besides the package's; None for none.
    """

    concurrency: int = 8
    rpm: int = 0
    tpm: int = 0
    timeout: float = 120.0
    retries: int = 5
    temperature: float = 0.9
    max_tokens: int = 512
    prompts: Path | None = None
    personas: Path | None = None
    bank: Path = banks.SHIPPED


def load(
    name: str = "scripted", settings: Settings | None = None, meter: Meter | None = None
) -> Any:
    """Makes a teacher ready to be asked.

    Args:
        name: ``scripted``, ``openai:MODEL@URL``, ``anthropic:MODEL``, ``hf:PATH`` or
            ``vllm:MODEL``.
        settings: How it is asked.
        meter: Where its calls are counted.

    Returns:
        An `Agent` around a distilabel LLM whose ``load`` has run.

    Raises:
        InputError: The name is unknown or incomplete, or a package is not installed.
    """
    kind, rest = check_name(name)
    module, _ = TEACHERS[kind]
    try:
        with quiet_import():
            make = importlib.import_module(module).make
            return make(kind, rest, settings or Settings(), meter or Meter())
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("emp_"):
            raise
        extra = error.name if error.name in OWN_EXTRAS else "datagen"
        raise InputError(
            f"teacher {name!r} needs the package {error.name!r}: "
            f"pip install 'empathy-recipes[{extra}]'"
        ) from error


def check_name(name: str) -> tuple[str, str]:
    """Takes a teacher's name apart.

    Args:
        name: See `load`.

    Returns:
        Its kind and what stands after the colon.

    Raises:
        InputError: The kind is unknown, or the rest is missing.

    Example:
        >>> check_name("openai:llama3@http://127.0.0.1:8000/v1")
        ('openai', 'llama3@http://127.0.0.1:8000/v1')
    """
    kind, colon, rest = name.partition(":")
    if kind not in TEACHERS:
        raise InputError(f"teacher: {name!r}: no such teacher; {did_you_mean(kind, TEACHERS)}")
    form = TEACHERS[kind][1]
    if bool(colon) != (":" in form) or (colon and not rest):
        raise InputError(f"teacher: {name!r}: write it as {form}")
    return kind, rest


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
