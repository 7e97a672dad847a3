"""What one model said in every part of an evaluation, and what that measures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emp_plugins.errors import InputError
from emp_plugins.measure import Measured
from emp_tooling.evaluate.dialogues import Held
from emp_tooling.evaluate.guards.agreement import agreement_prompts, score_agreement
from emp_tooling.evaluate.guards.instructions import instruction_prompts, score_instructions
from emp_tooling.evaluate.journal import Remembered
from emp_tooling.evaluate.material import Material
from emp_tooling.evaluate.settings import Settings
from emp_tooling.evaluate.single import single_table
from emp_tooling.evaluate.tables import Table
from emp_tooling.evaluate.trajectory import dialogue_table, trajectory
from emp_tooling.evaluate.words import REWARD
from emp_tooling.models import Progress, quiet

SEEDS = {"single": 0, "agreement": 1, "instructions": 2, "multi": 3}
"""What is added to the seed in each part, so that no part draws the noise of another."""

HoldDialogues = Callable[[Remembered, int, Progress], list[Held]]


@dataclass(frozen=True)
class Answers:
    """Replies of one model; empty for parts that were not asked for.

    Attributes:
        name: The model's name.
        single: One a held-out prompt.
        held: Dialogues with simulated clients.
        agreement: To all neutral statements, then to all distressed ones.
        instructions: One an instruction.
        found: How many of them an earlier run had paid for.
    """

    name: str
    single: Sequence[str] = ()
    held: Sequence[Held] = ()
    agreement: Sequence[str] = ()
    instructions: Sequence[str] = ()
    found: int = 0


@dataclass(frozen=True)
class Measures:
    """The numbers of one model.

    Attributes:
        name: The model's name.
        tables: ``single``, ``dialogue``, ``agreement``, ``instructions`` to measures by unit.
        measured: The replies to held-out prompts taken apart; None without that part.
        trajectory: How the simulated clients' state moved.
    """

    name: str
    tables: Mapping[str, Table]
    measured: Measured | None = None
    trajectory: Mapping[str, Any] = field(default_factory=dict)


def ask(
    model: Remembered,
    material: Material,
    settings: Settings,
    hold: HoldDialogues,
    progress: Progress = quiet,
) -> Answers:
    """Has a model answer everything.

    Args:
        model: The model.
        material: What it meets.
        settings: Which parts, and the seed.
        hold: Leads the dialogues: model, seed, progress.
        progress: Called with the number of replies so far and of all.

    Returns:
        The answers.

    Raises:
        InputError: The model cannot be used; what it said until then is in the journal.
    """
    agreement = agreement_prompts(material.statements, material.template)
    instructions = instruction_prompts(material.instructions, material.template)
    multi = "multi" in settings.parts
    total = len(material.prompts) + len(agreement) + len(instructions)
    total += settings.dialogues * settings.turns if multi else 0
    done = 0

    def counted(now: int, _: int) -> None:
        progress(done + now, total)

    replies: dict[str, list[str]] = {}
    prompts = [row["prompt"] for row in material.prompts]
    for part, asked in (
        ("single", prompts),
        ("agreement", agreement),
        ("instructions", instructions),
    ):
        model.part = part
        seed = settings.seed * len(SEEDS) + SEEDS[part]
        replies[part] = model.reply(asked, seed=seed, progress=counted) if asked else []
        done += len(asked)
    model.part = "multi"
    held = hold(model, settings.seed * len(SEEDS) + SEEDS["multi"], counted) if multi else []
    return Answers(model.name, held=held, found=model.found, **replies)


def measure_all(answers: Answers, material: Material, seed: int) -> Measures:
    """Measures what a model said.

    Args:
        answers: Its replies.
        material: What they are replies to.
        seed: Seed of the bootstrap.

    Returns:
        The numbers.

    Raises:
        InputError: A reward function of the user fails or gives no finite number.
    """
    tables: dict[str, Table] = {}
    measured, moved = None, {}
    template = material.template
    if answers.single:
        tables["single"], measured = single_table(material, answers.single)
    if answers.held:
        tables["dialogue"] = dialogue_table(answers.held, material)
        moved = trajectory(answers.held, seed)
    if answers.agreement:
        judged = score_agreement(material.statements, answers.agreement, template)
        tables["agreement"] = Table(
            [one.id for one in material.statements],
            judged.columns(),
            {"topic": [one.topic for one in material.statements]},
        )
    if answers.instructions:
        followed = score_instructions(material.instructions, answers.instructions, template)
        tables["instructions"] = Table(
            [one.id for one in material.instructions], followed.columns()
        )
    _check_finite(tables)
    return Measures(answers.name, tables, measured, moved)


def _check_finite(tables: Mapping[str, Table]) -> None:
    """Refuses infinite rewards, of which no mean, interval or JSON can be made."""
    for table in tables.values():
        for name, column in table.columns.items():
            if name.startswith(REWARD) and any(math.isinf(value or 0.0) for value in column):
                reward = name.removeprefix(REWARD)
                raise InputError(f"{reward}: gave an infinite reward; give a number, or None")
