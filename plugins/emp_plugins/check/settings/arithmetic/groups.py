"""GRPO's batches: whole groups of replies to one prompt, on every process."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.check.settings.arithmetic.schedule import evaluates
from emp_plugins.check.settings.values import given, number, processes, whole

GENERATIONS = 8
"""TRL's own number of generations, where a recipe gives none."""

LIMIT = 4096
"""Largest value that is tried for a suggestion."""

MICRO, ACCUMULATION = ("micro_batch_size",), ("gradient_accumulation_steps",)
GENERATION_BATCH, GROUP = ("trl", "generation_batch_size"), ("trl", "num_generations")


class Fault(NamedTuple):
    """What does not fit: the keys that may be to blame, likeliest first, and why."""

    keys: tuple[KeyPath, ...]
    message: str


@dataclass(frozen=True)
class Batch:
    """The numbers that decide how TRL cuts completions into groups.

    Attributes:
        micro: Completions of a forward pass on one process.
        accumulation: Forward passes of an optimizer step.
        processes: Processes that train.
        generations: Completions of one prompt.
        explicit: ``trl.generation_batch_size``, or None.
        axolotl: Whether Axolotl's own check applies beside TRL's.
        ring: Processes that share a sequence.
    """

    micro: int
    accumulation: int = 1
    processes: int = 1
    generations: int = GENERATIONS
    explicit: int | None = None
    axolotl: bool = False
    ring: int = 1

    @classmethod
    def of(cls, recipe: Recipe) -> Batch | None:
        """The numbers of a recipe; None where one is none or below 1, which other checks say."""
        numbers = (
            whole(recipe.get(*MICRO), 1),
            whole(recipe.get(*ACCUMULATION), 1),
            processes(recipe),
            whole(recipe.get(*GROUP), GENERATIONS),
            whole(recipe.get(*GENERATION_BATCH), 1),
            whole(recipe.get("context_parallel_size"), 1),
        )
        if any(value is None or value < 1 for value in numbers):
            return None
        micro, accumulation, world, generations, size, ring = numbers
        return cls(
            micro,
            accumulation,
            world,
            generations,
            None if recipe.get(*GENERATION_BATCH) is None else size,
            axolotl=recipe.method == "grpo" and recipe.get(*GROUP) is not None,
            ring=ring,
        )

    @property
    def fault(self) -> Fault | None:
        """What TRL or Axolotl refuse, or None."""
        return self._step_fault() or self._group_fault() or self._axolotl_fault() or self._ring()

    def _step_fault(self) -> Fault | None:
        step = self.micro * self.processes
        if self.explicit is None or self.explicit % step == 0:
            return None
        message = (
            f"{self.explicit} does not divide by the batch of all processes, "
            f"micro_batch_size {self.micro} × {self.processes} = {step}"
        )
        return Fault((GENERATION_BATCH,), message)

    def _group_fault(self) -> Fault | None:
        size = self.explicit or self.micro * self.accumulation * self.processes
        if size % self.generations == 0:
            return None
        shown = f"{self.micro} × {self.accumulation} × {self.processes} = {size}"
        return self._blame(
            f"generation batch {self.explicit or shown} does not divide by "
            f"{self.generations} generations"
        )

    def _axolotl_fault(self) -> Fault | None:
        size = self.explicit or self.micro * self.accumulation
        if not self.axolotl or self.processes == 1:
            return None
        shown = str(self.explicit or f"{self.micro} × {self.accumulation} = {size}")
        if size % self.generations:
            return self._blame(
                f"Axolotl wants the batch of each process, {shown}, to divide by "
                f"{self.generations} generations"
            )
        least = self.generations * self.processes
        if size < least:
            return self._blame(
                f"Axolotl wants {self.generations} generations × {self.processes} processes = "
                f"{least} completions in a batch, and counts {shown}"
            )
        return None

    def _ring(self) -> Fault | None:
        size = self.micro * (self.processes // self.ring)
        if self.ring == 1 or self.processes == 1 or size % self.generations == 0:
            return None
        return self._blame(
            f"with context_parallel_size {self.ring} a forward pass holds {size} completions, "
            f"which do not divide by {self.generations} generations"
        )

    def _blame(self, message: str) -> Fault:
        keys = (MICRO, ACCUMULATION, GROUP)
        return Fault((GENERATION_BATCH,) if self.explicit else keys, message)

    def remedy(self) -> str:
        """The nearest legal numbers, one change each; empty where none is near."""
        fields = {"explicit": GENERATION_BATCH, "micro": MICRO, "accumulation": ACCUMULATION}
        if self.explicit is None:
            del fields["explicit"]
        else:
            del fields["accumulation"]
        changes = []
        for field, key in fields.items():
            value = self._nearest(field)
            if value is not None:
                changes.append(f"{'.'.join(key)}: {value}")
        return f"use {' or '.join(changes)}" if changes else ""

    def _nearest(self, field: str) -> int | None:
        value = getattr(self, field)
        most = min(value + self.generations * self.processes * self.micro, LIMIT)
        for candidate in sorted(range(1, most + 1), key=lambda other: abs(other - value)):
            if replace(self, **{field: candidate}).fault is None:
                return candidate
        return None


def check(recipe: Recipe) -> Iterator[Finding]:
    """Batches of GRPO that do not hold whole groups.

    Args:
        recipe: The recipe; its ``world_size`` counts.

    Yields:
        An error for the training batch and one for the evaluation batch.
    """
    if recipe.method not in ("grpo", "gdpo"):
        return
    count = number(recipe.get(*GROUP))
    if count is not None and count < 2:
        hint = f"give at least 2 ({GENERATIONS} is TRL's default)"
        message = f"a group of {count:g} holds no replies to compare"
        yield recipe.finding(GROUP, message, suggestion=hint)
        return
    batch = Batch.of(recipe)
    if batch is None:
        return
    fault = batch.fault
    if fault is not None:
        unsaid = count is None and fault.message.endswith("generations")
        message = fault.message + (" (TRL's default)" if unsaid else "")
        key = given(recipe, *fault.keys)
        yield recipe.finding(key, message, suggestion=batch.remedy())
    yield from _evaluation(recipe, batch)


def _evaluation(recipe: Recipe, batch: Batch) -> Iterator[Finding]:
    size = whole(recipe.get("eval_batch_size"), batch.micro)
    if not evaluates(recipe) or size is None or size < 1:
        return
    if size * batch.processes % batch.generations:
        key = given(recipe, ("eval_batch_size",), MICRO, GROUP)
        step = batch.generations // math.gcd(batch.generations, batch.processes)
        yield recipe.finding(
            key,
            f"evaluation batch {size} × {batch.processes} = {size * batch.processes} does not "
            f"divide by {batch.generations} generations",
            suggestion=f"use eval_batch_size: {math.ceil(size / step) * step}",
        )
