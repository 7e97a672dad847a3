"""Makes the rows of some cases, many at a time, each written to the journal when it is finished."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from emp_datagen.cases import Plan, case
from emp_datagen.crew import Crew, CrewSpec, build
from emp_datagen.make import maker
from emp_datagen.run.journal import Entry
from emp_datagen.teachers import Meter, TeacherError
from emp_plugins.errors import InputError

TOGETHER = 256
"""Cases under way at a time with the scripted teacher, and so the judges' batch."""

Write = Callable[[Entry], None]


@dataclass(frozen=True)
class Prices:
    """What a model costs.

    Attributes:
        tokens_in: Price of a million tokens sent.
        tokens_out: Price of a million tokens received.
        most: Where the run stops; 0 for nowhere.
    """

    tokens_in: float = 0.0
    tokens_out: float = 0.0
    most: float = 0.0

    def cost(self, meter: Meter) -> float:
        """What has been spent so far."""
        return (meter.tokens_in * self.tokens_in + meter.tokens_out * self.tokens_out) / 1e6


class TooDear(Exception):
    """The run has cost what it may."""


class Session:
    """A crew and its event loop, for as many rounds of work as a run has.

    Args:
        spec: Who works.
        prices: What calls cost, and where to stop.

    Attributes:
        crew: The crew, ready.
    """

    def __init__(self, spec: CrewSpec, prices: Prices | None = None) -> None:
        self.crew = build(spec)
        self._prices = prices or Prices()
        self._breaker = CircuitBreaker(spec)
        self._runner = asyncio.Runner()

    def work(self, plan: Plan, numbers: Iterable[int], write: Write) -> None:
        """Makes the rows of some cases.

        Args:
            plan: What is generated.
            numbers: Places of the cases in the plan.
            write: Gets each entry as soon as it is finished, in any order.

        Raises:
            InputError: The settings are wrong: no case will ever get an answer.
            TooDear: The run has cost what it may; entries written so far stand.
        """
        self._runner.run(self._work(plan, iter(numbers), write))

    async def _work(self, plan: Plan, numbers: Iterator[int], write: Write) -> None:
        async def worker() -> None:
            for number in numbers:
                entry = await make_entry(plan, number, self.crew)
                write(entry)
                self._breaker.count(entry)
                if self._prices.most and self._prices.cost(self.crew.meter) >= self._prices.most:
                    raise TooDear

        window = TOGETHER if self.crew.quick else 2 * self.crew.spec.settings.concurrency
        tasks = [asyncio.ensure_future(worker()) for _ in range(window)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        with self._runner:
            self._runner.run(self.crew.close())


async def make_entry(plan: Plan, number: int, crew: Crew) -> Entry:
    """Makes one case's rows.

    Args:
        plan: What is generated.
        number: Place of the case.
        crew: Who works on it.

    Returns:
        Its entry; a failure stands in it and ends nothing but this case.

    Raises:
        InputError: The settings are wrong.
    """
    drawn = case(plan, number)
    try:
        made = await maker(plan.kind).make(plan, drawn, crew)
    except InputError:
        raise
    except TeacherError as error:
        return Entry(number, failed=str(error), error=drawn.error)
    except Exception as error:
        # Its text may hold what a client said.
        return Entry(number, failed=f"{type(error).__name__} in this row", error=drawn.error)
    return Entry(number, made.rows, made.dropped, "", made.error, made.agrees)


class CircuitBreaker:
    """Stops a run in which nothing at all succeeds.

    Args:
        spec: Who works.
    """

    def __init__(self, spec: CrewSpec) -> None:
        self._spec = spec
        self._failed = 0
        self._succeeded = False

    def count(self, entry: Entry) -> None:
        """Takes in one case's outcome.

        Raises:
            InputError: The first cases all failed.
        """
        self._succeeded = self._succeeded or not entry.failed
        self._failed += bool(entry.failed)
        if not self._succeeded and self._failed >= 2 * self._spec.settings.concurrency:
            raise InputError(
                f"{self._spec.teacher}: the first {self._failed} rows all failed: {entry.failed}; "
                "finished rows: none"
            )
