"""An evaluation from its settings to its numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emp_datagen.simulation import Simulation
from emp_datagen.teachers.failures import TeacherError
from emp_plugins.errors import InputError
from emp_tooling.evaluate.answers import Answers, HoldDialogues, ask, measure_all
from emp_tooling.evaluate.dialogues import hold, openings
from emp_tooling.evaluate.journal import DIALOGUES, NAME, Journal, Remembered
from emp_tooling.evaluate.judged import Judged, judge
from emp_tooling.evaluate.material import Material, gather
from emp_tooling.evaluate.settings import Settings
from emp_tooling.evaluate.sides import base_side, trained_side
from emp_tooling.models import Progress, quiet
from emp_tooling.models.endpoint import EndpointDown
from emp_tooling.recipe import read_recipe


@dataclass(frozen=True)
class Evaluated:
    """Everything that is known at the end.

    Attributes:
        settings: What was asked for.
        recipe: The recipe's keys.
        material: What both models met.
        answers: ``model`` and, where one was compared, ``base`` to what they said.
        judged: The numbers and the verdict.
        skipped: Lines of the journals that could not be read.
    """

    settings: Settings
    recipe: dict[str, Any]
    material: Material
    answers: dict[str, Answers]
    judged: Judged
    skipped: int


def evaluate(settings: Settings, *, fresh: bool = False, progress: Progress = quiet) -> Evaluated:
    """Has both models answer, and compares what they said.

    Replies are kept in ``settings.out`` as they come. A run that is broken off goes on from there.

    Args:
        settings: What to do.
        fresh: Forget replies of earlier runs.
        progress: Called with the number of replies so far and of all, over both models.

    Returns:
        The evaluation.

    Raises:
        InputError: Anything the user gave is wrong, or a model or endpoint cannot be used.
    """
    recipe = read_recipe(settings.recipe)
    material = gather(settings, recipe)
    paths = settings.out / NAME, settings.out / DIALOGUES
    if fresh:
        for path in paths:
            path.unlink(missing_ok=True)
    replies, talks = map(Journal, paths)
    trained = trained_side(settings, recipe, replies)
    base = base_side(settings, recipe, replies, trained) if settings.compared else None
    answers: dict[str, Answers] = {}
    with contextlib.ExitStack() as stack:
        stack.enter_context(_resumable())
        stack.callback(trained.close)
        holder = stack.enter_context(_dialogues(settings, material, talks))
        answers["model"] = ask(trained, material, settings, holder, _part(progress, 0, base))
        if base is not None:
            if not getattr(trained.opened, "has_adapter", False):
                trained.close()  # both need not be in memory at once
            stack.callback(base.close)
            answers["base"] = ask(base, material, settings, holder, _part(progress, 1, base))
    measures = {side: measure_all(said, material, settings.seed) for side, said in answers.items()}
    judged = judge(measures["model"], measures.get("base"), settings.seed)
    return Evaluated(settings, recipe, material, answers, judged, replies.skipped + talks.skipped)


@contextlib.contextmanager
def _dialogues(settings: Settings, material: Material, journal: Journal) -> Iterator[HoldDialogues]:
    """What leads the dialogues; both models meet the same clients."""
    if "multi" not in settings.parts:
        yield lambda model, seed, progress: []
        return
    try:
        with Simulation(client=settings.client) as simulation:
            clients = openings(simulation, material, settings, journal)
            yield lambda model, seed, progress: hold(
                model, simulation, clients, seed, settings, material, journal, progress
            )
    except TeacherError as error:
        raise InputError(f"--client: {error}; the same command goes on from here") from error


@contextlib.contextmanager
def _resumable() -> Iterator[None]:
    """Says what to do where an endpoint fails half way; what it replied is in the journal."""
    try:
        yield
    except EndpointDown as error:
        raise InputError(f"{error}; the same command goes on from here") from error


def _part(progress: Progress, side: int, base: Remembered | None) -> Progress:
    """Progress of one side within both."""
    sides = 1 if base is None else 2
    return lambda done, total: progress(side * total + done, sides * total)
