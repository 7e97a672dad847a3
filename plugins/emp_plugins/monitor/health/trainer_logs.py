"""Windows over what the trainer logged, and whether a key has shifted by more than its noise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Any

from emp_plugins.monitor.history import History

GAPS = 20
"""A window of n values is looked for in the nearest 2 n + 20 logs, some of which may lack the key:
a look costs the same however long the run is."""

MAD_TO_SD = 1.4826
MEDIAN_TO_MEAN = 1.2533
"""Standard error of a median over that of a mean, for normal noise."""

Log = Mapping[str, Any]


@dataclass(frozen=True)
class Shift:
    """A key's level at the start of a run and now.

    Attributes:
        first: Median of the first window.
        last: Median of the last window.
        noise: Standard error of their difference, from the spread within the windows.
    """

    first: float
    last: float
    noise: float

    @property
    def change(self) -> float:
        """Last level minus first."""
        return self.last - self.first

    def beyond(self, sigmas: float) -> bool:
        """Whether the levels differ, by more than so many standard errors."""
        return self.change != 0 and abs(self.change) > sigmas * self.noise


def start(history: History, key: str, count: int) -> list[float]:
    """The first finite values of a key; fewer than ``count`` where there are not so many."""
    return [value for _, value in _take(enumerate(history.logs), key, count)]


def end(history: History, key: str, count: int) -> list[float]:
    """The last finite values of a key, the earliest first."""
    return [value for _, value in _take(_backwards(history), key, count)][::-1]


def end_unchecked(history: History, key: str, count: int) -> list[float]:
    """As ``end``, with values that are NaN or infinite."""
    return [value for _, value in _take(_backwards(history), key, count, _number)][::-1]


def shift(history: History, key: str, window: int, late: int | None = None) -> Shift | None:
    """Compares the end of a run with its start, by medians.

    Args:
        history: The run so far.
        key: Key of the trainer's logs.
        window: Values at the start.
        late: Values at the end; None for as many.

    Returns:
        The shift, or None where the two windows are not full or overlap.

    Example:
        >>> logs = tuple({"step": i, "kl": 0.1 if i < 10 else 0.9} for i in range(20))
        >>> found = shift(History(logs=logs), "kl", 10)
        >>> found.first, found.last, found.beyond(4)
        (0.1, 0.9, True)
    """
    late = window if late is None else late
    head = list(_take(enumerate(history.logs), key, window))
    tail = list(_take(_backwards(history), key, late))
    if len(head) < window or len(tail) < late or head[-1][0] >= tail[-1][0]:
        return None
    first, last = ([value for _, value in found] for found in (head, tail))
    noise = math.hypot(_error(first), _error(last))
    return Shift(median(first), median(last), noise)


def online(history: History) -> bool:
    """Whether the run trains on replies that it samples itself, as GRPO does.

    Other methods log ``kl`` and ``entropy`` too, on other scales and of other texts.
    """
    return bool(start(history, "reward", 1))


def finite(value: Any) -> bool:
    """Whether a logged value is a number to count with."""
    return _number(value) and math.isfinite(value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


def _backwards(history: History) -> Iterator[tuple[int, Log]]:
    size = len(history.logs)
    return ((index, history.logs[index]) for index in range(size - 1, -1, -1))


def _take(
    logs: Iterable[tuple[int, Log]],
    key: str,
    count: int,
    counts: Callable[[Any], bool] = finite,
) -> Iterator[tuple[int, float]]:
    near = islice(logs, 2 * count + GAPS)
    return islice(((i, float(log[key])) for i, log in near if counts(log.get(key))), count)


def _error(values: list[float]) -> float:
    """Standard error of a window's median, deaf to outliers."""
    middle = median(values)
    spread = MAD_TO_SD * median(abs(value - middle) for value in values)
    return MEDIAN_TO_MEAN * spread / math.sqrt(len(values))
