"""Many replies, some requests at a time."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import httpx
import tenacity
from anyio.from_thread import start_blocking_portal

from emp_tooling.models import Messages, OnReply
from emp_tooling.models.endpoint import protocol
from emp_tooling.models.endpoint.asking import Asking, Busy, lost


class Batch:
    """The requests of one call."""

    def __init__(self, asking: Asking, concurrency: int, done: OnReply) -> None:
        """Sends nothing yet.

        Args:
            asking: How the endpoint is asked.
            concurrency: Requests under way at a time.
            done: Called with the index and the text of each reply.
        """
        self._asking, self._concurrency, self._done = asking, concurrency, done
        self._failed: Exception | None = None

    def run(self, prompts: Sequence[Messages], seeds: Sequence[int]) -> Exception | None:
        """Asks for all replies; may be called where an event loop is running: it uses its own.

        Args:
            prompts: The conversations.
            seeds: One each.

        Returns:
            Why the first reply failed, or None. After a failure no further request is sent, and
            those under way are waited for.
        """
        with start_blocking_portal() as portal:
            portal.call(self._all, prompts, seeds)
        return self._failed

    async def _all(self, prompts: Sequence[Messages], seeds: Sequence[int]) -> None:
        slots = anyio.Semaphore(self._concurrency)
        limits = httpx.Limits(max_connections=self._concurrency)
        # No timeout of its own: each attempt has one deadline, which a slow trickle cannot outlive.
        async with (
            httpx.AsyncClient(timeout=None, limits=limits, **self._asking.connection) as client,
            anyio.create_task_group() as group,
        ):
            for index, (prompt, seed) in enumerate(zip(prompts, seeds, strict=True)):
                group.start_soon(self._one, slots, client, index, prompt, seed)

    async def _one(
        self,
        slots: anyio.Semaphore,
        client: httpx.AsyncClient,
        index: int,
        prompt: Messages,
        seed: int,
    ) -> None:
        async with slots:
            if self._failed is not None:
                return
            try:
                again = tenacity.AsyncRetrying(**self._asking.again)
                self._done(index, await again(self._ask, client, prompt, seed))
            except Exception as error:  # handed to the caller: a task group would wrap it
                self._failed = self._failed or error

    async def _ask(self, client: httpx.AsyncClient, prompt: Messages, seed: int) -> str:
        asking = self._asking
        try:
            with anyio.fail_after(asking.timeout_s):
                response = await client.post(asking.url, content=asking.body(prompt, seed))
        except TimeoutError:
            raise Busy(f"no reply within {asking.timeout_s:g} s") from None
        except httpx.RequestError as error:
            raise lost(error) from None
        try:
            if response.status_code != 200:
                raise asking.failure(response.status_code, response.headers, response.text)
            return protocol.content(response.text)
        except protocol.HeldBack:
            return ""
