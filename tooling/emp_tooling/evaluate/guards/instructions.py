"""Plain instruction following: does a model still do what it is told?

Each instruction can be checked by a program, and none is about feelings (the idea is that of
IFEval, arXiv 2311.07911; the prompts are this project's own).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from emp_plugins.completion import Template
from emp_plugins.files import read_yaml
from emp_plugins.measure import Figure
from emp_plugins.messages import Message, with_system
from emp_tooling.evaluate.guards.answers import answer_of, shares
from emp_tooling.evaluate.guards.verifiers import VERIFIERS
from emp_tooling.models import Model, Progress, quiet


@dataclass(frozen=True)
class Instruction:
    """One thing to do.

    Attributes:
        id: Unique name.
        family: ``length``, ``words``, ``format`` or ``task``.
        prompt: What the user writes.
        checks: Name of a verifier to its parameter; all must hold.
        example: A reply that follows it. Only tests read it.
    """

    id: str
    family: str
    prompt: str
    checks: Mapping[str, Any]
    example: str

    def followed(self, answer: str) -> bool:
        """Whether an answer meets every check.

        Args:
            answer: What the user reads; white space around it does not count.

        Returns:
            True where all hold.
        """
        text = answer.strip()
        return bool(text) and all(
            VERIFIERS[name](text, value) for name, value in self.checks.items()
        )


@dataclass(frozen=True)
class InstructionsResult:
    """The replies to a set of instructions.

    Attributes:
        instructions: What was asked.
        answers: What the user would read of each reply.
        followed: Whether each did as told.
    """

    instructions: tuple[Instruction, ...]
    answers: tuple[str, ...]
    followed: tuple[bool, ...]

    def columns(self) -> dict[str, list[float | None]]:
        """One number an instruction.

        Returns:
            ``instructions`` (0 or 1), and ``instructions/<family>``, None outside the family.
        """
        values = [float(one) for one in self.followed]
        columns: dict[str, list[float | None]] = {"instructions": list(values)}
        for family in dict.fromkeys(one.family for one in self.instructions):
            columns[f"instructions/{family}"] = [
                value if one.family == family else None
                for one, value in zip(self.instructions, values, strict=True)
            ]
        return columns

    def summary(self, seed: int = 0) -> dict[str, Figure]:
        """The share followed with its 95 % interval (Wilson), in all and for each family.

        Args:
            seed: Not needed by Wilson's interval; the same argument as the other guards have.

        Returns:
            Name of each column to its figure.
        """
        return shares(self.columns(), seed)


@cache
def load_instructions() -> tuple[Instruction, ...]:
    """Reads the shipped instructions.

    Returns:
        The instructions in the order of their file.

    Example:
        >>> instructions = load_instructions()
        >>> all(one.followed(one.example) for one in instructions)
        True
    """
    with resources.as_file(resources.files(__package__) / "instructions.yml") as path:
        rows = read_yaml(path)
    return tuple(Instruction(id=name, **row) for name, row in rows.items())


def instruction_prompts(
    instructions: Sequence[Instruction], template: Template
) -> list[list[Message]]:
    """The prompts to be answered.

    Args:
        instructions: What is asked.
        template: Its system prompt is put in front.

    Returns:
        One prompt an instruction.
    """
    return [with_system(one.prompt, template) for one in instructions]


def score_instructions(
    instructions: Sequence[Instruction], replies: Sequence[str], template: Template
) -> InstructionsResult:
    """Checks each reply.

    Args:
        instructions: What was asked.
        replies: One for each.
        template: The shape that was asked for; only the answer is checked.

    Returns:
        The result.

    Raises:
        ValueError: There is not one reply for each instruction.
    """
    if len(replies) != len(instructions):
        raise ValueError(f"{len(instructions)} instructions and {len(replies)} replies")
    answers = tuple(answer_of(reply, template) for reply in replies)
    followed = tuple(
        one.followed(answer) for one, answer in zip(instructions, answers, strict=True)
    )
    return InstructionsResult(tuple(instructions), answers, followed)


def run_instructions(
    model: Model,
    instructions: Sequence[Instruction],
    *,
    template: Template,
    seed: int = 0,
    progress: Progress = quiet,
) -> InstructionsResult:
    """Gives each instruction to a model.

    Args:
        model: Answers the prompts.
        instructions: For example ``load_instructions()``.
        template: System prompt and shape of a reply, of the recipe.
        seed: Seed of the sampling.
        progress: Called with the number of prompts done and of all.

    Returns:
        The result.

    Raises:
        InputError: The model cannot be used.
    """
    replies = model.reply(instruction_prompts(instructions, template), seed=seed, progress=progress)
    return score_instructions(instructions, replies, template)
