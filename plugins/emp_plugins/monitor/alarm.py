"""Health warnings, each told once until it has passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emp_plugins.monitor import health
from emp_plugins.monitor.history import History, Point

LOGS = 1000
"""So many of the trainer's logs are looked at: the first tenth, and the last of a longer run."""


class Alarm:
    """Keeps the history of a run and says what is new about its health.

    Attributes:
        points: Measurements so far.
        logs: What the trainer logged, thinned out in the middle.
    """

    def __init__(self, settings: Any) -> None:
        self.points: list[Point] = []
        self.logs: list[dict[str, float]] = []
        self._settings = settings
        self._known: set[str] = set()
        self._since_point: set[str] = set()

    def resume(self, points: list[Point], logs: list[Mapping[str, Any]]) -> None:
        """Takes over what an earlier part of the run saw, and what it warned of.

        Args:
            points: Its measurements.
            logs: The trainer's logs.
        """
        self.points, self.logs = list(points), []
        for entry in logs:
            self._keep(entry)
        self._known = {warning.rule for warning in self._holding()}
        self._since_point = set(self._known)

    def measured(self, point: Point) -> list[Any]:
        """Adds a measurement.

        Args:
            point: Its step is above that of those before, or measures the last one again.

        Returns:
            The warnings that are new.
        """
        self.points = [old for old in self.points if old.step < point.step] + [point]
        found = self._holding()
        # A warning has passed when it held neither now nor at any log since the last measurement.
        holding = {warning.rule for warning in found}
        self._known &= self._since_point | holding
        self._since_point = holding
        return list(self._new(found))

    def logged(self, logs: Mapping[str, Any], step: int) -> list[Any]:
        """Adds what the trainer logged.

        Args:
            logs: Names and numbers.
            step: The training step.

        Returns:
            The warnings that are new.
        """
        self._keep({**logs, "step": step})
        found = self._holding()
        self._since_point |= {warning.rule for warning in found}
        return list(self._new(found))

    def _holding(self) -> list[Any]:
        return health.examine(History(tuple(self.points), tuple(self.logs)), self._settings)

    def _new(self, found: list[Any]) -> Iterator[Any]:
        for warning in found:
            if warning.rule not in self._known:
                self._known.add(warning.rule)
                yield warning

    def _keep(self, entry: Mapping[str, Any]) -> None:
        numbers = {
            key: float(value)
            for key, value in entry.items()
            if isinstance(value, (int, float)) and not key.startswith("monitor/")
        }
        if len(numbers) > len({"step", "epoch"} & set(numbers)):
            self.logs.append({**numbers, "step": int(numbers.get("step", 0))})
        if len(self.logs) > LOGS:
            del self.logs[LOGS // 10]
