"""What a trainer logged, as curves."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError


@dataclass(frozen=True)
class Curve:
    """One logged number over the steps.

    Attributes:
        title: What it is, for a reader.
        points: Step and value, by rising step.
    """

    title: str
    points: tuple[tuple[int, float], ...]


def read_history(folder: str | Path) -> list[dict[str, Any]]:
    """Reads the log of the newest checkpoint.

    Args:
        folder: A trainer's output folder.

    Returns:
        The entries of ``log_history``; empty where no checkpoint was written.

    Raises:
        InputError: A trainer state is there and cannot be read.
    """
    folder = Path(folder)
    found = [*folder.glob("checkpoint-*/trainer_state.json"), folder / "trainer_state.json"]
    found = [path for path in found if path.is_file()]
    if not found:
        return []
    newest = max(found, key=_step_of)
    try:
        history = json.loads(newest.read_text(encoding="utf-8"))["log_history"]
        return [entry for entry in history if isinstance(entry, dict)]
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{newest}: no trainer state") from None


def curves(history: Sequence[Mapping[str, Any]]) -> list[Curve]:
    """Picks the curves that a GRPO run is judged by.

    Args:
        history: Entries of ``log_history``.

    Returns:
        The total reward, each reward's mean in the order logged, the distance to the start and
        the length of the replies; those that were logged.
    """
    keys = dict.fromkeys(key for entry in history for key in entry)
    titles = {"reward": "Total reward"}
    for key in keys:
        if match := re.fullmatch(r"rewards/(.+)/mean", key):
            titles[key] = match[1].replace("_", " ").capitalize()
    titles["kl"] = "KL from the start"
    titles["completions/mean_length"] = "Reply length, tokens"
    found = [Curve(title, _points(history, key)) for key, title in titles.items()]
    return [curve for curve in found if len(curve.points) > 1]


def _points(history: Sequence[Mapping[str, Any]], key: str) -> tuple[tuple[int, float], ...]:
    points: dict[int, float] = {}
    for entry in history:
        try:
            step, value = int(entry["step"]), float(entry[key])
        except (KeyError, TypeError, ValueError):
            continue
        if math.isfinite(value):
            points[step] = value
    return tuple(sorted(points.items()))


def _step_of(path: Path) -> int:
    name = path.parent.name.rpartition("-")[2]
    # A state beside the final weights is the newest of all.
    return int(name) if name.isdecimal() and path.parent.name.startswith("checkpoint-") else 2**62
