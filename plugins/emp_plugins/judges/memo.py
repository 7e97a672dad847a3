"""Scores remembered by text, so that several askers cost one pass."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any


class Memo:
    """Remembers the values of the last keys asked for.

    Attributes:
        computed: How many keys were computed so far, each at most once while remembered.

    Args:
        size: How many keys are remembered; the longest unused are forgotten first.

    Example:
        >>> memo = Memo(size=2)
        >>> memo.fetch(["a", "b", "a"], lambda keys: [key.upper() for key in keys])
        ['A', 'B', 'A']
        >>> memo.computed
        2
    """

    def __init__(self, size: int) -> None:
        self.computed = 0
        self._size = size
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def fetch(
        self, keys: Sequence[Hashable], compute: Callable[[list[Any]], Sequence[Any]]
    ) -> list[Any]:
        """Values of the keys, computing those that are not remembered.

        Args:
            keys: Any number of keys, repeated ones too, more than ``size`` too.
            compute: Takes the distinct missing keys and returns a value for each, in order. Never
                called with an empty list; if it raises, nothing is remembered.

        Returns:
            One value a key, in order.
        """
        with self._lock:
            found = {key: self._values[key] for key in keys if key in self._values}
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            found.update(zip(missing, compute(missing), strict=True))
        with self._lock:
            self.computed += len(missing)
            for key in dict.fromkeys(keys):
                self._values[key] = found[key]
                self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return [found[key] for key in keys]
