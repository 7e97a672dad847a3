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


def work(
    plan: Plan, spec: CrewSpec, numbers: Iterable[int], write: Write, prices: Prices = Prices()
) -> Meter:
    """Makes the rows of some cases in this process.

    Args:
        plan: What is generated.
        spec: Who works on it.
        numbers: Places of the cases in the plan.
        write: Gets each entry as soon as it is finished, in any order.
        prices: What calls cost, and where to stop.

    Returns:
        What was asked for.

    Raises:
        InputError: The settings are wrong: no case will ever get an answer.
        TooDear: The run has cost what it may; entries written so far stand.
    """
    return asyncio.run(_work(plan, spec, iter(numbers), write, prices))


async def _work(
    plan: Plan, spec: CrewSpec, numbers: Iterator[int], write: Write, prices: Prices
) -> Meter:
    crew = build(spec)
    luck = Luck(spec)

    async def worker() -> None:
        for number in numbers:
            entry = await make_entry(plan, number, crew)
            write(entry)
            luck.count(entry)
            if prices.most and prices.cost(crew.meter) >= prices.most:
                raise TooDear

    window = TOGETHER if _is_local(crew) else 2 * spec.settings.concurrency
    tasks = [asyncio.ensure_future(worker()) for _ in range(window)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await crew.close()
    return crew.meter


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


class Luck:
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


def _is_local(crew: Crew) -> bool:
    agents = [agent for agent in (crew.therapist, crew.client) if agent is not None]
    return all(agent.name == "scripted" for agent in agents)
