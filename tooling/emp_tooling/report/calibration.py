"""How judges' scores become values, as a recipe says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emp_plugins.affect.calibration import Calibration
from emp_plugins.errors import InputError
from emp_plugins.files import read_yaml
from emp_plugins.validation import plain, validate

POINTS = 81
SPREADS = 3.0
"""So many standard deviations to each side of the mean are drawn."""

RANGES = {"monitor": ((-1.0, 1.0), "polarity of the reply")}
"""Scores whose range is known without loading a judge."""


@dataclass(frozen=True)
class Calibrated:
    """A calibration as a curve.

    Attributes:
        where: Whose it is: a reward's name, or ``monitor``.
        words: Method and parameters.
        x_label: What the scores are.
        curve: Score and value.
        reliability: Mean score and mean label of experts in each bin; empty where unknown.
        fault: Why there is no curve; empty where there is one.
    """

    where: str
    words: str
    x_label: str = ""
    curve: tuple[tuple[float, float], ...] = ()
    reliability: tuple[tuple[float, float], ...] = ()
    fault: str = ""


def calibrations(recipe: Mapping[str, Any]) -> list[Calibrated]:
    """Every calibration that a recipe sets.

    Args:
        recipe: The recipe.

    Returns:
        The monitor's, then those of the rewards.
    """
    return [_drawn(where, block) for where, block in _blocks(recipe)]


def _blocks(recipe: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    empathy = _mapping(recipe.get("empathy"))
    if isinstance(empathy.get("monitor"), Mapping):
        yield "monitor", _mapping(empathy["monitor"].get("calibration"))
    for where, block in _mapping(empathy.get("rewards")).items():
        found = _mapping(block).get("calibration")
        if isinstance(found, Mapping):
            yield str(where), found


def _drawn(where: str, block: Mapping[str, Any]) -> Calibrated:
    try:
        found = validate(Calibration, plain(block), (where, "calibration"))
        low, high, label = _scores(found, where)
        steps = [low + (high - low) * index / (POINTS - 1) for index in range(POINTS)]
        values = _values(found, steps, (low, high))
        reliability = tuple(_reliability(block.get("file")))
    except InputError as error:
        return Calibrated(where, str(block.get("method", "range")), fault=str(error))
    points = tuple(zip(steps, values, strict=True))
    return Calibrated(where, _words(found), label, points, reliability)


def _scores(found: Calibration, where: str) -> tuple[float, float, str]:
    """The scores to draw, and what they are."""
    if found.method == "isotonic":
        return found.x[0], found.x[-1], "score of the judge"
    if found.method == "fixed":
        away = SPREADS * found.deviation
        return found.mean - away, found.mean + away, "score of the judge"
    if found.method == "batch":
        return -SPREADS, SPREADS, "deviations from the batch's mean"
    bounds, label = RANGES.get(where, ((0.0, 1.0), "score, as a part of the judge's range"))
    if found.low is not None and found.high is not None:
        label = label if where in RANGES else "score of the judge"
    low = bounds[0] if found.low is None else found.low
    high = bounds[1] if found.high is None else found.high
    return low, high, label


def _values(found: Calibration, steps: list[float], bounds: tuple[float, float]) -> list[float]:
    import numpy as np

    if found.method == "batch":  # apply() would take the drawn scores for the batch
        return [1 / (1 + math.exp(-step / found.temperature)) for step in steps]
    return found.apply(np.array(steps), bounds).tolist()


def _words(found: Calibration) -> str:
    if found.method == "isotonic":
        return f"isotonic, {len(found.x)} knots"
    if found.method == "fixed":
        return f"fixed, mean {found.mean:g}, deviation {found.deviation:g}, " + _heat(found)
    return f"{found.method}, {_heat(found)}"


def _heat(found: Calibration) -> str:
    return f"temperature {found.temperature:g}"


def _reliability(file: Any) -> Iterator[tuple[float, float]]:
    """Bins that ``emp calibrate`` stored beside the knots, as lists or as mappings."""
    document = read_yaml(file) if isinstance(file, str) else None
    for entry in _mapping(document).get("reliability") or ():
        pair = [entry.get("score"), entry.get("label")] if isinstance(entry, Mapping) else entry
        if isinstance(pair, list) and len(pair) >= 2 and all(map(_finite, pair[:2])):
            yield float(pair[0]), float(pair[1])


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
