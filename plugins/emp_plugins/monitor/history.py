"""What a run has shown so far: the monitor's own points, and what the trainer logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from emp_plugins.measure import Figure


@dataclass(frozen=True)
class Point:
    """One measurement on the held-out prompts.

    Attributes:
        step: Training step at which it was taken, 0 before the first.
        figures: Measure (see ``emp_plugins.measure.Measured.columns``) to its figure.
        failures: Reason for a malformed reply to the share of replies that have it.
        personas: Group to the mean of each measure in it. A group is a persona's key,
            ``axis:<Axis>`` (clients whose lowest axis is that one) or ``risk`` (clients at risk).
        shares: Part of the training time since the last point that each of ``generation``,
            ``reward``, ``update`` and ``monitor`` took; those that were not timed are absent.
        seconds: What the measurement itself took.
        memory_gib: Peak memory on the GPU so far; without a GPU what the process holds in RAM.
    """

    step: int
    figures: Mapping[str, Figure]
    failures: Mapping[str, float] = field(default_factory=dict)
    personas: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    memory_gib: float | None = None

    def mean(self, name: str) -> float | None:
        """The mean of a measure, or None where no reply has it.

        Example:
            >>> point = Point(0, {"words": Figure(12.0, 0.0, 12.0, 12.0, 1)})
            >>> point.mean("words"), point.mean("polarity")
            (12.0, None)
        """
        return self.figures[name].mean if name in self.figures else None


@dataclass(frozen=True)
class History:
    """A run as far as it has come.

    Attributes:
        points: Measurements, the earliest first.
        logs: What the trainer logged, each with ``step``, the earliest first.
    """

    points: tuple[Point, ...] = ()
    logs: tuple[Mapping[str, float], ...] = ()

    def series(self, key: str) -> list[tuple[float, float]]:
        """The steps and values of one key of the trainer's logs, without the logs that lack it.

        Example:
            >>> logs = ({"step": 1, "loss": 2.0}, {"step": 2, "reward": 0.5})
            >>> History(logs=logs).series("loss")
            [(1, 2.0)]
        """
        return [(log["step"], log[key]) for log in self.logs if key in log and "step" in log]
