"""The whole run with the scripted teacher: with and without judges, on one process and on two."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from emp_tooling.benchmarks.datagen import children
from emp_tooling.benchmarks.datagen.figures import Figure, Wanted

JUDGES = {"no judge": False, "embedded judges": True}


@dataclass(frozen=True)
class Timed:
    """A run.

    Attributes:
        first_s: A first run of a row a worker, with all imports.
        small_s: The same again: what a run of this process costs whatever its length.
        seconds: The run.
        tried: Its cases.
        rows: Its rows beyond those of a small run.
    """

    first_s: float
    small_s: float
    seconds: float
    tried: int
    rows: int

    @property
    def rate(self) -> float:
        """Rows a second, start-up excluded; where a run starts workers again, that counts."""
        return self.rows / (self.seconds - self.small_s)


def measure(rows: int, workers: Sequence[int] = (1, 2), repeats: int = 1) -> list[Figure]:
    """Times runs into a temporary folder, each in a fresh process.

    Args:
        rows: Rows of a run.
        workers: Numbers of processes, the first of which the others are compared with.
        repeats: Runs; the fastest counts.

    Returns:
        A figure for each judge and number of workers.
    """
    found: dict[tuple[str, int], Timed] = {}
    for judge, judged in JUDGES.items():
        for count in workers:
            runs = [_fresh(rows, count, judged) for _ in range(repeats)]
            found[judge, count] = max(runs, key=lambda one: one.rate)
    figures = []
    for (judge, count), timed in found.items():
        ratios = {}
        if JUDGES[judge]:
            ratios["no judge"] = timed.rate / found["no judge", count].rate
        if count != workers[0]:
            ratios[_workers(workers[0])] = timed.rate / found[judge, workers[0]].rate
        also = {"start-up s": timed.first_s, "again s": timed.small_s, "tried": timed.tried}
        wanted = Wanted(">=", 500) if JUDGES[judge] else None
        name = f"{judge}, {_workers(count)}"
        figures.append(Figure("run", name, timed.rate, "rows/s", ratios, wanted, also))
    return figures


def once(rows: int, workers: int, judged: bool) -> Timed:
    """Times a run in this process.

    Args:
        rows: Rows that are wanted.
        workers: Processes.
        judged: Whether the embedded judges judge.

    Returns:
        The times.
    """
    with tempfile.TemporaryDirectory() as folder:
        first, _ = _run(Path(folder) / "first.jsonl", workers, workers, judged)
        small, _ = _run(Path(folder) / "small.jsonl", workers, workers, judged)
        seconds, tried = _run(Path(folder) / "large.jsonl", rows, workers, judged)
    return Timed(first, small, seconds, tried, rows - workers)


def _run(out: Path, rows: int, workers: int, judged: bool) -> tuple[float, int]:
    """Seconds of a run, and the cases that it tried."""
    start = time.perf_counter()
    from emp_datagen.run import engine
    from emp_tooling.benchmarks.datagen.prompts import parsed

    judge = [] if judged else ["--no-judge"]
    sizes = ["--n", str(rows), "--workers", str(workers), "--out", str(out)]
    report = engine.run(*parsed(*sizes, *judge))
    if report.written != rows:
        raise RuntimeError(f"{report.written} of {rows} rows were written")
    return time.perf_counter() - start, report.attempted


def _fresh(rows: int, workers: int, judged: bool) -> Timed:
    command = [*children.module("engine"), json.dumps([rows, workers, judged])]
    return Timed(**json.loads(children.run(command).stdout))


def _workers(count: int) -> str:
    return f"{count} worker" + "s" * (count > 1)


if __name__ == "__main__":
    print(json.dumps(asdict(once(*json.loads(sys.argv[1])))))
