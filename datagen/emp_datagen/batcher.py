"""Gathers what many coroutines ask for and does it in one call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any


class Batcher:
    """Turns a function over a list into an awaitable over one item.

    All items that are asked for before the event loop comes round to the flush go into one call.
    Where a call fails, each of its items is tried alone, so that a bad one fails by itself.

    Args:
        function: Takes a list and returns a list of the same length.
        size: The most items of one call.
        delay: Seconds to wait for more items; 0 waits for those that are ready.
        threaded: Call the function in a thread, so that the loop goes on; for slow models.

    Example:
        >>> async def ask():
        ...     double = Batcher(lambda items: [2 * item for item in items])
        ...     return await asyncio.gather(*map(double, [1, 2, 3]))
        >>> asyncio.run(ask())
        [2, 4, 6]
    """

    def __init__(
        self,
        function: Callable[[list[Any]], Sequence[Any]],
        size: int = 256,
        delay: float = 0.0,
        threaded: bool = False,
    ) -> None:
        self._function = function
        self._size = size
        self._delay = delay
        self._turn = asyncio.Lock() if threaded else None
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._flush_due = False
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Any) -> Any:
        """The function's answer for one item."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append((item, future))
        if len(self._waiting) >= self._size:
            self._flush()
        elif not self._flush_due:
            self._flush_due = True
            if self._delay:
                loop.call_later(self._delay, self._flush)
            else:
                # Once more around, so that coroutines made ready just now can ask, too.
                loop.call_soon(loop.call_soon, self._flush)
        return await future

    def _flush(self) -> None:
        self._flush_due = False
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        if self._turn is None:
            self._settle(batch, self._try([item for item, _ in batch]))
            return
        task = asyncio.get_running_loop().create_task(self._in_thread(batch))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _in_thread(self, batch: list[tuple[Any, asyncio.Future[Any]]]) -> None:
        assert self._turn is not None
        async with self._turn:
            answers = await asyncio.to_thread(self._try, [item for item, _ in batch])
        self._settle(batch, answers)

    def _try(self, items: list[Any]) -> list[Any]:
        try:
            answers = list(self._function(items))
            if len(answers) != len(items):
                raise ValueError(f"{len(answers)} answers to {len(items)} items")
            return answers
        except Exception as error:
            if len(items) == 1:
                return [error]
            return [self._try([item])[0] for item in items]

    @staticmethod
    def _settle(batch: list[tuple[Any, asyncio.Future[Any]]], answers: Sequence[Any]) -> None:
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():  # its coroutine was cancelled
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
