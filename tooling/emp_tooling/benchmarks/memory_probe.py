"""``python -m emp_tooling.benchmarks.memory_probe RECIPE OUT``: trains, and weighs the GPU."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from emp_plugins.files import atomic_write


class Samples:
    """Reads a number again and again in a thread.

    Args:
        read: Gives the number now.
        every_s: Seconds between two readings.

    Example:
        >>> import time
        >>> with Samples(lambda: 7, every_s=0.001) as samples:
        ...     time.sleep(0.05)
        >>> set(samples.values)
        {7}
    """

    def __init__(self, read: Callable[[], int], every_s: float = 0.002) -> None:
        self.values: list[int] = []
        self._read = read
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Samples:
        """Starts to read."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops."""
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.is_set():
            self.values.append(self._read())
            self._stop.wait(self._every_s)


def between_peaks(values: Sequence[int], share: float = 0.9) -> int:
    """The least value between the first and the last time that it was near its highest.

    Between two steps of a training nothing is left but what is there for good; before the first
    step and after the last one there is less.

    Args:
        values: The readings.
        share: What counts as near, as a share of the highest.

    Returns:
        The least value; 0 without readings.

    Example:
        >>> between_peaks([0, 3, 9, 4, 10, 5, 9, 1, 0])
        4
    """
    near = [place for place, value in enumerate(values) if value >= share * max(values)]
    return min(values[near[0] : near[-1] + 1]) if near else 0


def main(recipe: Path, out: Path) -> None:
    """Trains a recipe in this process and writes the peaks of its GPU.

    Args:
        recipe: The recipe.
        out: JSON file for ``resident``, ``allocated`` and ``reserved``, all in bytes.

    Raises:
        SystemExit: There is no CUDA GPU.
    """
    import torch

    if not torch.cuda.is_available():
        raise SystemExit("Error: no CUDA GPU to measure on")
    from axolotl.cli.train import do_cli

    with Samples(torch.cuda.memory_allocated) as samples:
        do_cli(str(recipe))
    found = {
        "resident": between_peaks(samples.values),
        "allocated": torch.cuda.max_memory_allocated(),
        "reserved": torch.cuda.max_memory_reserved(),
    }
    with atomic_write(out) as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
