"""Teachers behind an endpoint: `openai:MODEL@URL` and `anthropic:MODEL`.

Requests run in the caller's event loop, so many at a time as the settings say; what fails is sent
again by rules that are ours, because distilabel's own loop drops what fails.
"""

from __future__ import annotations

import asyncio
import importlib
import math
from dataclasses import dataclass, field
from typing import Any

import tenacity
from aiolimiter import AsyncLimiter

from emp_datagen.teachers import Settings
from emp_datagen.teachers import prompts as templates
from emp_datagen.teachers.address import Address, read
from emp_datagen.teachers.agent import Messages, Meter, TeacherError, clean
from emp_datagen.teachers.failures import Busy, Refused, failure
from emp_datagen.teachers.order import Order
from emp_datagen.teachers.prompts import Prompts
from emp_datagen.teachers.remote import connect
from emp_plugins.errors import InputError

FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 30.0
"""Of the sure half of a pause, which doubles each time; up to as much again is random."""

LONGEST_WAIT_S = 600.0
"""What a Retry-After header can ask for at most."""

CHARS_A_TOKEN = 4
"""For the estimate that the limit on tokens works with."""


def make(kind: str, rest: str, settings: Settings, meter: Meter) -> EndpointAgent:
    """Makes the teacher; sends nothing yet, see `emp_datagen.teachers.load`.

    Args:
        kind: ``openai`` or ``anthropic``.
        rest: ``MODEL`` or ``MODEL@URL``.
        settings: How it is asked.
        meter: Where its calls are counted.

    Returns:
        The agent.

    Raises:
        InputError: The URL, the key, a setting or a prompt template cannot be used.
    """
    _check(kind, settings)
    address = read(kind, rest)
    prompts = templates.load(settings)
    llm = connect(address, settings.concurrency)
    return EndpointAgent(llm, f"{kind}:{address.model}", address, prompts, settings, meter)


@dataclass
class EndpointAgent:
    """An agent around a distilabel LLM whose requests can fail.

    Attributes:
        llm: The LLM, loaded.
        name: Its name in the rows.
        address: Where it is.
        prompts: From an order to the messages that it reads.
        settings: How it is asked.
        meter: Where its calls are counted.
    """

    llm: Any
    name: str
    address: Address
    prompts: Prompts
    settings: Settings
    meter: Meter
    _many: bool = field(default=True, init=False, repr=False)

    def __post_init__(self) -> None:
        self._many = self.address.kind == "openai"
        self._sdk = importlib.import_module(self.address.kind)
        self._slots = asyncio.Semaphore(self.settings.concurrency)
        self._requests = requests_limit(self.settings.rpm)
        self._tokens = AsyncLimiter(self.settings.tpm, 60) if self.settings.tpm else None
        # Random, so that those who failed together do not return together.
        growing = {"multiplier": FIRST_BACKOFF_S, "max": LONGEST_BACKOFF_S}
        sure = tenacity.wait_exponential(**growing)
        self._growing = sure + tenacity.wait_random_exponential(**growing)

    async def ask(self, order: Order, n: int = 1) -> list[str]:
        """Texts for an order, see `Agent`.

        For several it asks with ``n``; where fewer come back, for the rest one by one.
        """
        messages = self.prompts.write(order)
        texts: list[str] = []
        if n > 1 and self._many:
            try:
                texts = await self._request(messages, n)
            except Refused as refused:
                # Some servers refuse n; where the request itself is bad, so is one for one text.
                if refused.status not in (400, 422):
                    raise
        missing = n - len(texts)
        if missing > 0:
            rest = await _all(self._request(messages, 1) for _ in range(missing))
            self._many = self._many and (n == 1 or bool(texts))
            texts += [text for one in rest for text in one[:1]]
        return texts[:n]

    async def close(self) -> None:
        """Ends connections."""
        await self.llm._aclient.close()

    async def _request(self, messages: Messages, n: int) -> list[str]:
        """Texts of one request, sent again while that may help."""
        again = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(self.settings.retries + 1),
            wait=self._pause,
            retry=tenacity.retry_if_exception_type(Busy),
            before_sleep=self._count,
            reraise=True,
        )
        reason = ""
        try:
            return await again(self._attempt, messages, n)
        except Busy as busy:
            reason = str(busy)
        raise TeacherError(reason)

    async def _attempt(self, messages: Messages, n: int) -> list[str]:
        limits, wrong = self.settings, None
        async with self._slots:
            await self._wait_for_turn(messages, n)
            try:
                async with asyncio.timeout(limits.timeout):
                    output = await self.llm.agenerate(
                        input=messages,
                        num_generations=n,
                        max_new_tokens=limits.max_tokens,
                        temperature=limits.temperature,
                    )
            except Exception as error:
                wrong = failure(error, self._sdk, self.address, limits.timeout)
        # Raised out here, so that it has no context: that would hold the request and the key.
        if wrong is not None:
            raise wrong
        self.meter.add(output["statistics"])
        texts = list(filter(None, map(clean, output["generations"])))
        if not texts:
            raise Busy("empty content")
        return texts

    async def _wait_for_turn(self, messages: Messages, n: int) -> None:
        if self._requests is not None:
            await self._requests.acquire()
        if self._tokens is not None:
            tokens = estimate(messages, n, self.settings.max_tokens)
            await self._tokens.acquire(min(tokens, self.settings.tpm))

    def _pause(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = getattr(error, "wait_s", None)
        growing = self._growing(state)
        return growing if asked is None else min(asked, LONGEST_WAIT_S) + min(growing, 0.2)

    def _count(self, state: tenacity.RetryCallState) -> None:
        self.meter.retries += 1


def requests_limit(rpm: int, minute: float = 60.0) -> AsyncLimiter | None:
    """Spaces requests so that no window of a minute holds more than the limit.

    A second's share may go at once; the rest of the rate is lowered by it, since a bucket lets
    its content through on top of what flows in.

    Args:
        rpm: Requests a minute; 0 for no limit.
        minute: Seconds of the window.

    Returns:
        The limiter, or None.
    """
    if not rpm:
        return None
    burst = max(rpm // 60, 1)
    flow = rpm - burst if burst > 1 else rpm
    return AsyncLimiter(burst, burst * minute / flow)


def estimate(messages: Messages, n: int, max_tokens: int) -> int:
    """The most tokens that a request may cost, by a rule of thumb.

    Args:
        messages: The prompt; four characters count as a token.
        n: How many texts are asked for.
        max_tokens: The most tokens of each.

    Returns:
        Tokens of the prompt and of the texts.

    Example:
        >>> estimate([{"role": "user", "content": "Hello"}], 1, 100)
        102
    """
    chars = sum(len(message["content"]) for message in messages)
    return math.ceil(chars / CHARS_A_TOKEN) + n * max_tokens


async def _all(requests: Any) -> list[list[str]]:
    """All results; after a failure those that are left end before it is raised."""
    results = await asyncio.gather(*requests, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def _check(kind: str, settings: Settings) -> None:
    bounds = {
        "concurrency": settings.concurrency >= 1,
        "rpm": settings.rpm >= 0,
        "tpm": settings.tpm >= 0,
        "timeout": settings.timeout > 0,
        "retries": settings.retries >= 0,
        "max_tokens": settings.max_tokens >= 1,
        "temperature": 0 <= settings.temperature <= (1 if kind == "anthropic" else 2),
    }
    for name, holds in bounds.items():
        if not holds:
            raise InputError(f"teacher: {kind}: {name}: out of range: {getattr(settings, name)}")
