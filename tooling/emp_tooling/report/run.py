"""One run, with everything that its folder tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from emp_plugins.completion import Template
from emp_plugins.errors import InputError
from emp_plugins.monitor.health import check_settings
from emp_plugins.monitor.history import History
from emp_plugins.monitor.provenance import without_secrets
from emp_plugins.monitor.record import NAME as RECORD
from emp_plugins.monitor.record import Record, read_record
from emp_plugins.monitor.settings import MonitorConfig
from emp_plugins.validation import plain, validate
from emp_tooling.pages.replies import Sample
from emp_tooling.recipe import read_recipe
from emp_tooling.report.completions import Completions, read_completions
from emp_tooling.report.evaluation import Evaluation, find_evaluation, read_evaluation
from emp_tooling.report.history import STATE, Logs, read_logs


@dataclass(frozen=True)
class Run:
    """A run.

    Attributes:
        name: What to call it, unique on a page.
        folder: The trainer's output folder.
        logs: The trainer's log.
        record: What the monitor wrote; None where the run was not monitored.
        recipe: The recipe without secrets; empty where it is not known.
        completions: The replies that the run kept.
        evaluation: What ``emp eval`` found, if it ran.
    """

    name: str
    folder: Path
    logs: Logs = field(default_factory=Logs)
    record: Record | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    completions: Completions = field(default_factory=Completions)
    evaluation: Evaluation | None = None

    @property
    def points(self) -> tuple[Any, ...]:
        """The monitor's measurements."""
        return self.record.points if self.record else ()

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Prompts with replies: the monitor's, else those of the evaluation."""
        found = self.completions.samples
        return found or (self.evaluation.completions.samples if self.evaluation else ())

    @property
    def started(self) -> Mapping[str, Any]:
        """The line that begins the record; empty where there is none."""
        return self.record.runs[-1] if self.record and self.record.runs else {}

    @property
    def history(self) -> History:
        """Points and logs as the health rules read them."""
        return History(tuple(self.points), self.logs.entries)

    @cached_property
    def settings(self) -> MonitorConfig:
        """The recipe's ``monitor:`` block; the defaults where it has none that is valid."""
        block = _mapping(_mapping(self.recipe.get("empathy")).get("monitor"))
        try:
            settings = validate(MonitorConfig, plain(block), ("empathy", "monitor"))
            check_settings(settings.health, settings.stop_on)
            return settings
        except InputError:
            return MonitorConfig()


def read_run(
    folder: str | Path, *, recipe: str | Path | None = None, evaluation: str | Path | None = None
) -> Run:
    """Reads a run.

    Args:
        folder: The trainer's output folder.
        recipe: Its recipe; by default what the monitor recorded.
        evaluation: The result of ``emp eval``; by default what lies in the folder.

    Returns:
        The run.

    Raises:
        InputError: The folder is missing or holds no log, or a file cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name a run's output_dir")
    logs = read_logs(folder)
    record = read_record(folder) if (folder / RECORD).is_file() else None
    if not logs.entries and record is None:
        raise InputError(f"{folder}: no training log: expected checkpoint-*/{STATE} or {RECORD}")
    known = _recipe(record, recipe)
    template = template_of(known)
    return Run(
        name=folder.name or str(folder.resolve().name),
        folder=folder,
        logs=logs,
        record=record,
        recipe=known,
        completions=read_completions(folder, template),
        evaluation=(
            read_evaluation(evaluation, template)
            if evaluation
            else find_evaluation(folder, template)
        ),
    )


def named(runs: Sequence[Run]) -> list[Run]:
    """Gives runs of the same name as much of their path as tells them apart.

    Args:
        runs: Any runs.

    Returns:
        The runs in the same order.
    """
    from dataclasses import replace

    names = [run.name for run in runs]
    if len(set(names)) == len(names):
        return list(runs)
    return [replace(run, name=str(run.folder)) for run in runs]


def template_of(recipe: Mapping[str, Any]) -> Template:
    """The template that a recipe names; the default one where its file is not there any more."""
    path = _mapping(recipe.get("empathy")).get("template")
    try:
        return Template.load(path) if isinstance(path, str) else Template()
    except InputError:
        return Template()


def _recipe(record: Record | None, path: str | Path | None) -> Mapping[str, Any]:
    if path is not None:
        return _mapping(without_secrets(read_recipe(path)))
    return _mapping(record.runs[-1].get("recipe")) if record and record.runs else {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
