"""Where the time of a run goes: generation, rewards, updates, and the monitor itself."""

from __future__ import annotations

import contextlib
import functools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

PARTS: Mapping[str, str] = {
    "_generate": "generation",
    "_calculate_rewards": "reward",
    "training_step": "step",
}
"""Methods of TRL's and transformers' trainers to what their time counts as."""


class Clock:
    """Adds up the seconds of a trainer's methods between two measurements.

    It wraps methods of the one trainer object, where it has them, and costs two readings of the
    system's clock a call. On a GPU what one method has started may end in the next, so the shares
    are those of the waiting process.

    Args:
        trainer: Any trainer of TRL or transformers.
        now: Gives the time in seconds.
    """

    def __init__(self, trainer: Any, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._begin = self._lap = now()
        self._spent: Counter[str] = Counter()
        self._in_step = False
        self._own = 0.0
        for method, part in PARTS.items():
            if hasattr(trainer, method):
                setattr(trainer, method, self._timed(getattr(trainer, method), part))

    @property
    def total(self) -> float:
        """Seconds since the clock was made."""
        return self._now() - self._begin

    @property
    def own(self) -> float:
        """Seconds of the monitor's own work since the clock was made."""
        return self._own

    @contextlib.contextmanager
    def monitoring(self) -> Iterator[None]:
        """Counts what happens inside as the monitor's own work."""
        start = self._now()
        try:
            yield
        finally:
            seconds = self._now() - start
            self._own += seconds
            self._spent["monitor"] += seconds
            if self._in_step:
                self._spent["inside"] += seconds

    def lap(self) -> dict[str, float]:
        """The shares since the last lap, and begins a new one.

        Returns:
            ``generation``, ``reward``, ``update`` (training steps without what else happens in
            them) and ``monitor``, each a part of all the time that has passed; those that took no
            time are absent.
        """
        now = self._now()
        passed, spent = now - self._lap, self._spent
        spent["update"] = max(0.0, spent["step"] - spent["inside"])
        self._lap, self._spent = now, Counter()
        shares = ("generation", "reward", "update", "monitor")
        return {part: spent[part] / passed for part in shares if spent[part] > 0}

    def _timed(self, method: Callable[..., Any], part: str) -> Callable[..., Any]:
        @functools.wraps(method)
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = self._now()
            self._in_step = self._in_step or part == "step"
            try:
                return method(*args, **kwargs)
            finally:
                self._in_step = self._in_step and part != "step"
                seconds = self._now() - start
                self._spent[part] += seconds
                if self._in_step:  # not what an evaluation generates between steps
                    self._spent["inside"] += seconds

        return timed
