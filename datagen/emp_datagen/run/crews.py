"""Who does the work of a run: this process, or workers of this machine or of a Ray cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emp_datagen.cases import Plan
from emp_datagen.crew import CrewSpec
from emp_datagen.run.journal import Entry, Journal
from emp_datagen.run.progress import Progress
from emp_datagen.run.shards import run_processes, run_ray, split
from emp_datagen.run.work import Prices, Session
from emp_datagen.teachers import Meter

RESERVE = 1.08
"""Of the cases wanted; about one in twenty is dropped."""

FEW = 32
"""Cases a worker that are not worth its start."""


@dataclass(frozen=True)
class Options:
    """How a run is carried out; none of it changes a row.

    Attributes:
        out: The file.
        resume: Go on with a finished run: try its failed cases again.
        overwrite: Begin anew, whatever is there.
        exclude: Files whose texts no row may be much like.
        workers: Processes.
        ray: Address of a Ray cluster; empty for none.
        prices: What calls cost, and where to stop.
        command: As the user typed it, for the report.
    """

    out: Path
    resume: bool = False
    overwrite: bool = False
    exclude: Sequence[Path] = ()
    workers: int = 1
    ray: str = ""
    prices: Prices = field(default_factory=Prices)
    command: str = ""


@dataclass
class Crews:
    """Who does the rounds of a run: workers the first one, where there are any, then this process.

    Attributes:
        plan: What is generated.
        spec: Who works.
        options: How it is carried out.
        journal: Where entries go.
        meter: Adds up what was asked for.
        stack: Closes what was opened.
    """

    plan: Plan
    spec: CrewSpec
    options: Options
    journal: Journal
    meter: Meter
    stack: contextlib.ExitStack
    _session: Session | None = None

    @property
    def reserve(self) -> float:
        """Cases to begin with, in multiples of those wanted.

        Where they cost nothing, workers make some that replace dropped ones, so that no second
        round has to load everything again. Which rows are written does not depend on it.
        """
        free = {self.spec.teacher, self.spec.client} <= {"", "scripted"}
        return RESERVE if free and (self.options.workers > 1 or self.options.ray) else 1.0

    def work(self, todo: Sequence[int], progress: Progress) -> None:
        """Makes the rows of some cases."""
        many = self.options.workers > 1 or self.options.ray
        if many and len(todo) > FEW * self.options.workers:
            self._spread(todo, progress)
        elif todo:
            self._here(todo, progress)

    def _spread(self, todo: Sequence[int], progress: Progress) -> None:
        options = self.options
        shards = split(self.plan, self.spec, todo, self.journal, options.workers, options.prices)
        if options.ray:
            found = run_ray(shards, options.ray, progress)
        else:
            found = run_processes(shards, progress)
        for one in found:
            self.meter.merge(one)

    def _here(self, todo: Sequence[int], progress: Progress) -> None:
        if self._session is None:
            self._session = self.stack.enter_context(Session(self.spec, self.options.prices))
            self.stack.callback(lambda meter: self.meter.merge(meter), self._session.crew.meter)
        with self.journal.shard() as writer:

            def write(entry: Entry) -> None:
                writer.write(entry)
                progress(1, bool(entry.failed))

            self._session.work(self.plan, todo, write)
