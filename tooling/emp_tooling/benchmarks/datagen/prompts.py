"""The work of the benchmarks: what a run of ``emp-datagen pairs`` asks its teacher for."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_datagen.teachers import Order

Messages = list[dict[str, str]]

TOGETHER = 256


@dataclass(frozen=True)
class Asked:
    """One request of a run and the answer that it is to get.

    Attributes:
        messages: The chat messages.
        reply: The answer.
    """

    messages: Messages
    reply: str


def parsed(*arguments: str) -> tuple[Any, Any, Any]:
    """Plan, crew and options of ``emp-datagen pairs``, as the command line reads them."""
    from emp_datagen.commands import generate
    from emp_datagen.commands.pairs import command

    with command.make_context("pairs", list(arguments)) as context:
        given = context.params
        crew = generate.crew_of("pairs", given)
        return generate.plan_of("pairs", given), crew, generate.options_of(given)


def orders(n: int) -> list[tuple[Order, Order]]:
    """What the first cases of a run ask its teacher for.

    Args:
        n: Cases.

    Returns:
        For each the order of its good reply and the one of its reply in error.
    """
    return [pair for pair, _ in _drawn(n)]


def requests(n: int) -> list[tuple[Asked, Asked]]:
    """What the first cases of a run ask an endpoint for, answered by the scripted teacher.

    The same messages always get the same answer.

    Args:
        n: Cases.

    Returns:
        For each the request for its good reply and the one for its reply in error.
    """
    from emp_datagen.teachers import Settings, prompts

    write = prompts.load(Settings()).write
    answers: dict[str, str] = {}

    def ask(order: Order, reply: str) -> Asked:
        messages = write(order)
        return Asked(messages, answers.setdefault(key(messages), reply))

    return [(ask(good, one), ask(bad, other)) for (good, bad), (one, other) in _drawn(n)]


def key(messages: Messages) -> str:
    """By what a request is known: its texts."""
    return "\0".join(message["content"] for message in messages)


def write(path: Path, pairs: Sequence[tuple[Asked, Asked]]) -> None:
    """Writes requests for other processes, a pair a line."""
    with path.open("w", encoding="utf-8") as file:
        for pair in pairs:
            held = [{"messages": one.messages, "reply": one.reply} for one in pair]
            file.write(json.dumps(held, ensure_ascii=False) + "\n")


def read(path: Path, n: int | None = None) -> list[tuple[Asked, Asked]]:
    """Reads the first ``n`` pairs that ``write`` wrote, or all."""
    with path.open(encoding="utf-8") as file:
        lines = map(json.loads, itertools.islice(file, n))
        return [(Asked(**good), Asked(**bad)) for good, bad in lines]


def _drawn(n: int) -> Iterator[tuple[tuple[Order, Order], tuple[str, str]]]:
    """Orders and their scripted replies."""
    return asyncio.run(_draw(n))


async def _draw(n: int) -> Any:
    from emp_datagen.cases import case
    from emp_datagen.crew import build
    from emp_datagen.dialogue import converse

    plan, spec, _ = parsed("--n", str(n), "--no-judge")
    crew = build(spec)

    async def one(number: int) -> Any:
        drawn = case(plan, number)
        moment = (await converse(plan, drawn, crew.say, crew.reply, crew.read))[-1]
        first = moment.order(plan)
        good = await crew.reply(first)
        second = moment.order(plan, error=drawn.error, words=len(good.split()))
        return (first, second), (good, await crew.reply(second))

    found = []
    for start in range(0, n, TOGETHER):
        found += await asyncio.gather(*map(one, range(start, min(start + TOGETHER, n))))
    await crew.close()
    return found
