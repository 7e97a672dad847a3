"""The scripted teacher alone: pairs of a good reply and one in error, from orders."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence

from emp_datagen.teachers import Order
from emp_tooling.benchmarks.datagen.figures import Figure, Wanted
from emp_tooling.benchmarks.datagen.prompts import TOGETHER, orders

ALONE = "phrase bank alone"

Path = Callable[[Sequence[Order]], list[str]]


def measure(rows: int, repeats: int = 1) -> list[Figure]:
    """Times the teacher as a run asks it, distilabel's way, and the bank that it composes from.

    Args:
        rows: Pairs.
        repeats: Runs; the fastest counts.

    Returns:
        A figure for each.
    """
    asked = [order for pair in orders(rows) for order in pair]
    rates = {name: _rates(path, asked, repeats) for name, path in paths().items()}
    figures = []
    for name, (rate, by_cpu) in rates.items():
        ratios = {} if name == ALONE else {ALONE: rate / rates[ALONE][0]}
        wanted = Wanted(">=", 2000) if ratios else None
        also = {"by CPU time": by_cpu}
        figures.append(Figure("teacher", name, rate, "pairs/s", ratios, wanted, also))
    return figures


def paths() -> Mapping[str, Path]:
    """The ways to get the same replies; each takes orders and returns their texts."""
    return {ALONE: _bank, "LLM.generate_outputs": _generate(), "Agent.ask, as a run does": _ask}


def _bank(asked: Sequence[Order]) -> list[str]:
    from emp_datagen import bank as banks

    bank, names, texts = banks.load_bank(), banks.Brief.__dataclass_fields__, []
    for order in asked:
        brief = banks.Brief(**{name: getattr(order, name) for name in names})
        name = f"{order.seed}:{order.turn}:{order.error}:{order.therapist}:{order.role}:0"
        rng = random.Random(name)
        if order.error:
            texts.append(banks.error(bank, rng, order.error, brief))
        else:
            texts.append(banks.good(bank, rng, brief))
    return texts


def _generate() -> Path:
    from emp_datagen.teachers import load

    llm = load("scripted").llm

    def run(asked: Sequence[Order]) -> list[str]:
        from emp_datagen.teachers.scripted import write_instruction

        inputs = [write_instruction(order) for order in asked]
        return [text for output in llm.generate_outputs(inputs) for text in output["generations"]]

    return run


def _ask(asked: Sequence[Order]) -> list[str]:
    from emp_datagen.teachers import load

    async def all_of_them() -> list[str]:
        agent = load("scripted")
        return [texts[0] for texts in await asyncio.gather(*map(agent.ask, asked))]

    return asyncio.run(all_of_them())


def _rates(path: Path, asked: Sequence[Order], repeats: int) -> tuple[float, float]:
    """Pairs a second by the clock and by CPU time, in batches as large as a run's."""
    size = 2 * TOGETHER
    path(asked[:size])
    seconds, busy = [], []
    for _ in range(repeats):
        start, cpu = time.perf_counter(), time.process_time()
        for first in range(0, len(asked), size):
            path(asked[first : first + size])
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - cpu)
    return len(asked) / 2 / min(seconds), len(asked) / 2 / min(busy)
