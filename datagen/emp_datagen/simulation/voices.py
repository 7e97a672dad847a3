"""Who words what the script says: nobody but the script, or a language model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emp_datagen.teachers import Settings, load
from emp_datagen.teachers.failures import Refused
from emp_datagen.teachers.order import Order


@dataclass(frozen=True)
class Said:
    """A message in its final words.

    Attributes:
        text: The words.
        filtered: Whether a content filter held the model's back, and these are the script's.
    """

    text: str
    filtered: bool = False


class Voice(Protocol):
    """Says the clients' messages."""

    def say(self, orders: Sequence[Order]) -> list[Said]:
        """One message an order.

        Raises:
            TeacherError: One of them got no text.
        """
        ...

    def close(self) -> None:
        """Ends connections."""
        ...


class Scripted:
    """Says the drafts as they stand."""

    def say(self, orders: Sequence[Order]) -> list[Said]:
        """The drafts."""
        return [Said(order.draft) for order in orders]

    def close(self) -> None:
        """Nothing to end."""


class Played:
    """Has a teacher put the drafts in words of its own, all of them at once.

    Args:
        agent: The teacher.
    """

    def __init__(self, agent: Any) -> None:
        self._agent = agent
        # One event loop for all turns: connections and limits of the agent belong to it.
        self._runner = asyncio.Runner()

    def say(self, orders: Sequence[Order]) -> list[Said]:
        """The teacher's words; where one order fails, the others are waited for before it raises.

        An order that a content filter holds back gets the script's words, marked as such.

        Raises:
            TeacherError: An order got no text.
            InputError: No order will get one.
        """
        answers = self._runner.run(self._all(orders))
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return answers

    async def _all(self, orders: Sequence[Order]) -> list[Any]:
        return await asyncio.gather(*map(self._one, orders), return_exceptions=True)

    async def _one(self, order: Order) -> Said:
        try:
            return Said((await self._agent.ask(order))[0])
        except Refused as refused:
            # A filter that stops talk of suicide will stop it every time: without the script's
            # words no dialogue at risk would ever end.
            if refused.status:
                raise
            return Said(order.draft, filtered=True)

    def close(self) -> None:
        """Ends connections and the loop."""
        with self._runner:
            self._runner.run(self._agent.close())


def load_voice(client: str = "scripted", settings: Settings | None = None) -> Voice:
    """Who words the clients' messages.

    Args:
        client: ``scripted``, or the name of a teacher.
        settings: How a teacher is asked.

    Returns:
        The voice.

    Raises:
        InputError: The teacher cannot be used.
    """
    return Scripted() if client == "scripted" else Played(load(client, settings))
