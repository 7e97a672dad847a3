"""Completions of realistic length, made of our own sentences."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from emp_plugins.files import read_yaml

MATERIAL = Path(__file__).parent / "inputs.yml"


@dataclass(frozen=True)
class Inputs:
    """What the judges score.

    Attributes:
        clients: The client's turn for each completion.
        replies: The completions.
    """

    clients: list[str]
    replies: list[str]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Client and completion, for the similarity judge."""
        return list(zip(self.clients, self.replies, strict=True))

    @property
    def distinct(self) -> int:
        """How many of the completions differ."""
        return len(set(self.pairs))


def make(completions: int = 64, prompts: int = 8, duplicates: int = 0, seed: int = 0) -> Inputs:
    """Draws completions of 20 to 120 words, in groups that share a prompt, as GRPO does.

    Args:
        completions: How many; a multiple of ``prompts``.
        prompts: How many of the eight client turns are used.
        duplicates: How many completions repeat an earlier one of their group.
        seed: Of the drawing.

    Returns:
        The inputs, the same for the same arguments.

    Example:
        >>> inputs = make(completions=16, prompts=2, duplicates=4)
        >>> len(inputs.replies), len(set(inputs.clients)), inputs.distinct
        (16, 2, 12)
    """
    material = read_yaml(MATERIAL)
    draw = random.Random(seed)
    size = completions // prompts
    clients = [turn for turn in material["clients"][:prompts] for _ in range(size)]
    replies = [_reply(draw, material["replies"]) for _ in clients]
    # The last one of a group repeats the one before it, group after group.
    places = [group * size + size - 1 - lap for lap in range(size - 1) for group in range(prompts)]
    for place in sorted(places[:duplicates]):
        replies[place] = replies[place - 1]
    return Inputs(clients, replies)


def _reply(draw: random.Random, sentences: list[str]) -> str:
    wanted, words = draw.randint(20, 120), []
    while len(words) < wanted:
        words += draw.choice(sentences).split()
    return " ".join(words[:wanted])
