"""The same work on several processes, here or on a Ray cluster, each with its own journal."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_datagen.cases import Plan
from emp_datagen.crew import CrewSpec
from emp_datagen.run.journal import Journal
from emp_datagen.run.progress import Progress
from emp_datagen.run.work import Prices, Session
from emp_datagen.teachers import Meter
from emp_plugins.errors import InputError

POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Shard:
    """One worker's part; plain values, so that it travels.

    Attributes:
        plan: What is generated.
        spec: Who works on it.
        numbers: Places of its cases.
        out: The run's output file.
        mark: What the run is.
        worker: Number of the worker, which names its journal.
        prices: What calls cost; the bound is this worker's share.
    """

    plan: Plan
    spec: CrewSpec
    numbers: Sequence[int]
    out: Path
    mark: dict[str, Any]
    worker: int
    prices: Prices

    def run(self) -> Meter:
        """Does the work in this process."""
        journal = Journal(self.out, self.mark)
        with journal.shard(self.worker) as writer, Session(self.spec, self.prices) as session:
            session.work(self.plan, self.numbers, writer.write)
            return session.crew.meter


def split(
    plan: Plan,
    spec: CrewSpec,
    numbers: Sequence[int],
    journal: Journal,
    workers: int,
    prices: Prices,
) -> list[Shard]:
    """Deals cases out to workers.

    Returns:
        At most ``workers`` shards, none empty.
    """
    share = Prices(prices.tokens_in, prices.tokens_out, prices.most / workers)
    shards = [
        Shard(plan, spec, numbers[k::workers], journal.out, journal.mark, k, share)
        for k in range(workers)
    ]
    return [shard for shard in shards if len(shard.numbers)]


def run_processes(shards: Sequence[Shard], progress: Progress) -> list[Meter]:
    """Runs each shard in a process of this machine.

    Args:
        shards: The parts.
        progress: See `emp_datagen.run.progress.Progress`.

    Returns:
        What each asked for.

    Raises:
        InputError: A worker found the settings wrong, or died.
    """
    import multiprocessing
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    workers = ProcessPoolExecutor(len(shards), mp_context=context)
    with workers as pool, _watch(shards, progress) as look:
        futures: list[Future[Meter]] = [pool.submit(shard.run) for shard in shards]
        try:
            while not all(future.done() for future in futures):
                look()
                time.sleep(POLL_SECONDS)
            return [future.result() for future in futures]
        except BrokenProcessPool:
            raise InputError("a worker process died; finished rows are kept, run again") from None


def run_ray(shards: Sequence[Shard], address: str, progress: Progress) -> list[Meter]:
    """Runs each shard as a task of a Ray cluster.

    The journal's folder must be one that all nodes share.

    Args:
        shards: The parts.
        address: Of the cluster; ``local`` starts one on this machine.
        progress: See `emp_datagen.run.progress.Progress`.

    Returns:
        What each asked for.

    Raises:
        InputError: ray is not installed, the cluster cannot be reached, or a worker failed.
    """
    try:
        import ray
    except ModuleNotFoundError:
        raise InputError("--ray needs ray: pip install 'empathy-recipes[ray]'") from None
    try:
        ray.init(
            address=None if address == "local" else address,
            log_to_driver=False,
            include_dashboard=False,
            configure_logging=False,
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise InputError(f"--ray {address}: {' '.join(str(error).split())[:200]}") from None
    try:
        return _on_ray(ray, shards, progress)
    finally:
        ray.shutdown()


def _on_ray(ray: Any, shards: Sequence[Shard], progress: Progress) -> list[Meter]:
    task = ray.remote(num_cpus=1, max_retries=0)(Shard.run)
    waiting = [task.remote(shard) for shard in shards]
    with _watch(shards, progress) as look:
        try:
            left = waiting
            while left:
                _, left = ray.wait(left, num_returns=len(left), timeout=POLL_SECONDS)
                look()
            return ray.get(waiting)
        except ray.exceptions.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, InputError | OSError):
                raise cause from None
            raise InputError(f"--ray: a worker ended with {type(cause).__name__}") from None
        except ray.exceptions.RayError as error:
            raise InputError(
                f"--ray: a worker died ({type(error).__name__}); finished rows are kept, run again"
            ) from None


@contextlib.contextmanager
def _watch(shards: Sequence[Shard], progress: Progress) -> Iterator[Callable[[], None]]:
    """Counts new lines in the shards' journals."""
    paths = [_journal_of(shard) for shard in shards]
    places = [path.stat().st_size if path.exists() else 0 for path in paths]

    def look() -> None:
        for number, path in enumerate(paths):
            if not path.exists():
                continue
            with path.open("rb") as file:
                file.seek(places[number])
                new = file.read()
                places[number] = file.tell()
            progress(new.count(b"\n"), new.count(b'"failed": "'))

    yield look
    look()


def _journal_of(shard: Shard) -> Path:
    """The worker's file of the journal."""
    from emp_datagen.run.journal import SUFFIX

    return shard.out.with_name(f"{shard.out.name}{SUFFIX}.{shard.worker}")
