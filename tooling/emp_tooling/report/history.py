"""What a trainer logged."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError

STATE = "trainer_state.json"

Log = Mapping[str, float]


@dataclass(frozen=True)
class Logs:
    """The trainer's log.

    Attributes:
        entries: Each logged moment: ``step`` and the numbers logged then, finite ones only, by
            rising step.
        dropped: How many values were not finite.
        unreadable: Trainer states that could not be read, newer than the one that was.
    """

    entries: tuple[Log, ...] = ()
    dropped: int = 0
    unreadable: tuple[str, ...] = ()

    def series(self, key: str) -> list[tuple[float, float]]:
        """Steps and values of one key, by rising step.

        Example:
            >>> Logs(({"step": 1, "kl": 0.5}, {"step": 2})).series("kl")
            [(1, 0.5)]
        """
        return sorted({log["step"]: log[key] for log in self.entries if key in log}.items())

    @property
    def keys(self) -> list[str]:
        """Every key that was logged, in the order of its first appearance."""
        return list(dict.fromkeys(key for log in self.entries for key in log))


def read_logs(folder: str | Path) -> Logs:
    """Reads the log of the newest checkpoint that can be read.

    Args:
        folder: A trainer's output folder.

    Returns:
        The log; empty where no checkpoint was written.

    Raises:
        InputError: There are trainer states, and none can be read.
    """
    folder = Path(folder)
    found = [*folder.glob(f"checkpoint-*/{STATE}"), folder / STATE]
    found = sorted((path for path in found if path.is_file()), key=_step_of, reverse=True)
    broken = []
    for path in found:
        try:
            history = json.loads(path.read_text(encoding="utf-8"))["log_history"]
            entries = [entry for entry in history if isinstance(entry, dict)]
        except (OSError, ValueError, KeyError, TypeError):
            broken.append(str(path.relative_to(folder)))
            continue
        return _logs(entries, tuple(broken))
    if broken:
        raise InputError(f"{folder / broken[0]}: no trainer state: expected JSON with log_history")
    return Logs()


def _logs(entries: list[dict[str, Any]], broken: tuple[str, ...]) -> Logs:
    kept, dropped = [], 0
    for entry in entries:
        numbers = {
            key: float(value)
            for key, value in entry.items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        }
        finite = {key: value for key, value in numbers.items() if math.isfinite(value)}
        dropped += len(numbers) - len(finite)
        if "step" in finite:
            kept.append(finite)
    return Logs(tuple(sorted(kept, key=lambda log: log["step"])), dropped, broken)


def _step_of(path: Path) -> float:
    name = path.parent.name.rpartition("-")[2]
    # A state beside the final weights is the newest of all.
    return int(name) if path.parent.name == f"checkpoint-{name}" and name.isdecimal() else math.inf
