"""What ``emp eval`` found, in any of the shapes that it writes and wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emp_plugins.completion import Template
from emp_plugins.errors import InputError
from emp_tooling.report.completions import Completions, numbers, read_evaluated

NAMES = ("evaluation.json", "results.json")
EXPECTED = "expected what `emp eval` writes: verdict and differences, or before and after"

Ends = tuple[float, float]


@dataclass(frozen=True)
class Measure:
    """One measure of both models; None where there is no number.

    Attributes:
        name: Such as ``"safe"`` or ``"reward/empathy"``.
        base: Mean of the base.
        model: Mean of the model.
        base_ends: 95 % interval of the base's mean.
        model_ends: 95 % interval of the model's mean.
        change_ends: 95 % interval of the difference, model less base.
    """

    name: str
    base: float | None
    model: float | None
    base_ends: Ends | None = None
    model_ends: Ends | None = None
    change_ends: Ends | None = None


@dataclass(frozen=True)
class Evaluation:
    """An evaluation of a model against its base.

    Attributes:
        path: The file.
        content: All of it.
        verdict: ``better``, ``worse`` and the like; empty where the file has none.
        reasons: Sentences behind it.
        measures: What was measured, in the file's order.
        completions: The replies that lie beside the file.
    """

    path: Path
    content: Mapping[str, Any]
    verdict: str
    reasons: tuple[str, ...]
    measures: tuple[Measure, ...]
    completions: Completions = field(default_factory=Completions)

    @property
    def recipe(self) -> str | None:
        """Path of the recipe, where the file names it."""
        found = self.content.get("recipe")
        return found if isinstance(found, str) else None

    @property
    def sides(self) -> tuple[str, str]:
        """What base and model are called."""
        return _name(self.content.get("base"), "base"), _name(self.content.get("model"), "model")

    def measure(self, name: str) -> Measure | None:
        """A measure by its name."""
        return next((one for one in self.measures if one.name == name), None)


def find_evaluation(folder: Path, template: Template) -> Evaluation | None:
    """The evaluation that lies in a run's folder, or None."""
    found = (folder / name for name in NAMES)
    return next((read_evaluation(path, template) for path in found if path.is_file()), None)


def read_evaluation(path: str | Path, template: Template) -> Evaluation:
    """Reads an evaluation.

    Args:
        path: The JSON file, or the folder that ``emp eval`` wrote it to.
        template: Tells where the answer lies in a completion.

    Returns:
        The evaluation.

    Raises:
        InputError: The file is missing or holds no evaluation.
    """
    path = Path(path)
    if path.is_dir():
        path = next((path / name for name in NAMES if (path / name).is_file()), path / NAMES[-1])
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; `emp eval` writes it") from None
    except (OSError, ValueError):
        raise InputError(f"{path}: not JSON; {EXPECTED}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: {EXPECTED}")
    measures = next(
        filter(None, (tuple(read(content)) for read in (_compared, _alone, _before_and_after))), ()
    )
    if not measures and not content.get("verdict"):
        raise InputError(f"{path}: {EXPECTED}")
    verdict = content.get("verdict")
    reasons = content.get("reasons")
    return Evaluation(
        path=path,
        content=content,
        verdict=verdict if isinstance(verdict, str) else "",
        reasons=tuple(map(str, reasons)) if isinstance(reasons, list) else (),
        measures=measures,
        completions=_beside(path, template),
    )


def _beside(path: Path, template: Template) -> Completions:
    # In a run's folder the file of this name is the run's own.
    own = path.name == NAMES[-1]
    return read_evaluated(path.parent, template) if own else Completions()


def _compared(content: Mapping[str, Any]) -> Iterator[Measure]:
    """Measures of two models, with the interval of their difference."""
    for name, entry in _mapping(content.get("differences")).items():
        values = numbers(entry)
        yield Measure(
            name=str(name),
            base=values.get("base"),
            model=values.get("model"),
            base_ends=_pair(_mapping(entry).get("base_interval")),
            model_ends=_pair(_mapping(entry).get("model_interval")),
            change_ends=_pair([values.get("low"), values.get("high")]),
        )


def _alone(content: Mapping[str, Any]) -> Iterator[Measure]:
    """Measures of a model that was compared with none."""
    for name, entry in _mapping(_mapping(content.get("model")).get("figures")).items():
        values = numbers(entry)
        if "mean" in values:
            ends = _pair([values.get("low"), values.get("high")])
            yield Measure(str(name), None, values["mean"], model_ends=ends)


def _before_and_after(content: Mapping[str, Any]) -> Iterator[Measure]:
    """The form of version 0.1, which had no verdict."""
    sides = content.get("before"), content.get("after")
    if not all(isinstance(side, Mapping) for side in sides):
        return
    before, after = (_flat(side) for side in sides)
    ends = [_mapping(side.get("intervals")) for side in sides]
    for name in dict.fromkeys((*before, *after)):
        # An error that was not seen on one side has the share 0 there.
        absent = 0.0 if name.startswith("errors/") else None
        yield Measure(
            name=name.replace("rewards/", "reward/"),
            base=before.get(name, absent),
            model=after.get(name, absent),
            base_ends=_pair(ends[0].get(name)),
            model_ends=_pair(ends[1].get(name)),
        )


def _flat(side: Mapping[str, Any]) -> dict[str, float]:
    found = {name: value for name, value in numbers(side).items() if name not in ("n", "seed")}
    for group in ("errors", "rewards"):
        found |= {f"{group}/{name}": value for name, value in numbers(side.get(group)).items()}
    return found


def _pair(value: Any) -> Ends | None:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    ends = numbers(dict(enumerate(value)))
    return (ends["0"], ends["1"]) if len(ends) == 2 else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _name(value: Any, otherwise: str) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("path")
    return value if isinstance(value, str) and value else otherwise
