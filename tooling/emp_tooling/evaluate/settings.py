"""What an evaluation was asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emp_plugins.errors import InputError, did_you_mean

PARTS = ("single", "multi", "guards")
"""Replies to held-out prompts, dialogues with simulated clients, and the guards beside them."""

BASE, NONE = "base", "none"


@dataclass(frozen=True)
class Settings:
    """One evaluation.

    Attributes:
        recipe: The recipe's file.
        out: Folder for everything written.
        trained: Folder of the adapter or model; None for what the recipe left in its output_dir.
        endpoint: ``MODEL@URL`` that serves the trained model, or None.
        compare: ``base``, ``none``, a folder or ``MODEL@URL``.
        engine: What runs local weights.
        prompts: Held-out prompts; None for the shipped ones.
        n: Most prompts, statements and instructions of each kind; None for all.
        turns: Messages of each simulated client.
        dialogues: Simulated clients.
        client: Who words what they say: ``scripted`` or a teacher such as ``openai:MODEL@URL``.
        personas: Personas of the simulated clients; ``all`` for all.
        parts: Some of ``PARTS``.
        seed: Seed of the sampling, the clients and the resampling.
        batch_size: Prompts that run together.
        bank: Folder of the phrase bank that replies are compared with; None for the shipped one.
    """

    recipe: Path
    out: Path
    trained: Path | None = None
    endpoint: str | None = None
    compare: str = BASE
    engine: str = "transformers"
    prompts: Path | None = None
    n: int | None = None
    turns: int = 4
    dialogues: int = 48
    client: str = "scripted"
    personas: str = "all"
    parts: tuple[str, ...] = PARTS
    seed: int = 0
    batch_size: int = 64
    bank: Path | None = None

    @property
    def compared(self) -> bool:
        """Whether there is a second model."""
        return self.compare != NONE


def parts(only: str | None, guards: bool = True) -> tuple[str, ...]:
    """The parts of an evaluation.

    Args:
        only: Names with commas between, or None for all.
        guards: Whether the guards may be among them.

    Returns:
        Some of ``PARTS``, in their order.

    Raises:
        InputError: A name is unknown, or nothing is left.

    Example:
        >>> parts("guards,single"), parts(None, guards=False)
        (('single', 'guards'), ('single', 'multi'))
    """
    named = [name.strip() for name in only.split(",") if name.strip()] if only else list(PARTS)
    for name in named:
        if name not in PARTS:
            raise InputError(f"--only {name}: no such part; {did_you_mean(name, PARTS)}")
    chosen = tuple(part for part in PARTS if part in named and (guards or part != "guards"))
    if not chosen:
        raise InputError(f"--only: nothing is left to evaluate; parts: {', '.join(PARTS)}")
    return chosen


def spread(items: Sequence, n: int | None) -> list:
    """Items at even distances, so that every part of a list is met.

    Args:
        items: The list.
        n: Most of them; None for all.

    Returns:
        The items in their order.

    Example:
        >>> spread("abcdef", 3)
        ['a', 'c', 'e']
    """
    count = len(items) if n is None else min(n, len(items))
    return [items[place * len(items) // count] for place in range(count)]
