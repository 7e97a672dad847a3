"""A teacher as the engine sees it: an order in, texts out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from emp_datagen.batcher import Batcher
from emp_datagen.teachers.order import Order
from emp_plugins.errors import InputError

Messages = list[dict[str, str]]


class TeacherError(Exception):
    """One order got no text. The message says why and quotes neither prompt nor reply."""


def clean(text: str | None) -> str:
    r"""A reply without what a reasoning model thought before it.

    Args:
        text: As the model wrote it; None counts as empty.

    Returns:
        The text after a leading ``<think>`` block, stripped; empty where the block has no end.

    Example:
        >>> clean("<think>Sad, so be gentle.</think>\n I am sorry. "), clean("<think>Hm")
        ('I am sorry.', '')
    """
    text = (text or "").strip()
    thought, end, reply = text.partition("</think>")
    # Where the chat template wrote the opening tag, the text has only the closing one.
    if text.startswith("<think>") or (end and "<think>" not in thought):
        return reply.strip()
    return text


class Agent(Protocol):
    """Plays a role."""

    name: str

    async def ask(self, order: Order, n: int = 1) -> list[str]:
        """Texts for an order.

        Args:
            order: What is asked for.
            n: How many texts.

        Returns:
            ``n`` texts, none empty.

        Raises:
            TeacherError: This order got no answer; others may.
            InputError: The settings are wrong; no order will get one.
        """
        ...

    async def close(self) -> None:
        """Ends connections."""
        ...


@dataclass
class Meter:
    """What a run has asked for so far.

    Attributes:
        calls: Answered requests.
        tokens_in: Tokens sent, as the model counts them.
        tokens_out: Tokens received.
        retries: Requests that were sent again.
    """

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    retries: int = 0

    def add(self, statistics: dict[str, Any]) -> None:
        """Counts one answer by distilabel's statistics of it."""
        self.calls += 1
        self.tokens_in += sum(map(int, statistics.get("input_tokens") or [0]))
        self.tokens_out += sum(map(int, statistics.get("output_tokens") or [0]))

    def merge(self, other: Meter) -> None:
        """Adds what another one counted."""
        self.calls += other.calls
        self.tokens_in += other.tokens_in
        self.tokens_out += other.tokens_out
        self.retries += other.retries


@dataclass
class BatchAgent:
    """A distilabel LLM that answers lists: the scripted one, and local models.

    Attributes:
        llm: The LLM, loaded.
        name: Its name in the rows.
        write: From an order to the messages that the LLM reads.
        meter: Where its calls are counted.
        options: Passed to the LLM's ``generate``.
        size: The most orders of one call.
        threaded: Whether the LLM is slow enough for a thread of its own.
    """

    llm: Any
    name: str
    write: Callable[[Order], Messages]
    meter: Meter
    options: dict[str, Any] = field(default_factory=dict)
    size: int = 256
    threaded: bool = False

    def __post_init__(self) -> None:
        self._batches: dict[int, Batcher] = {}
        self._alone = threading.Lock()

    async def ask(self, order: Order, n: int = 1) -> list[str]:
        """Texts for an order, see `Agent`."""
        if n not in self._batches:
            self._batches[n] = Batcher(
                lambda inputs: self._generate(inputs, n), self.size, threaded=self.threaded
            )
        output = await self._answer(self.write(order), n)
        self.meter.add(output.get("statistics") or {})
        texts = list(filter(None, map(clean, output["generations"])))
        if len(texts) < n:
            raise TeacherError("empty content")
        return texts

    def _generate(self, inputs: list[Messages], n: int) -> list[Any]:
        # Batches of different n run in threads of their own; a model takes one at a time.
        with self._alone:
            return self.llm.generate_outputs(inputs=inputs, num_generations=n, **self.options)

    async def _answer(self, messages: Messages, n: int) -> dict[str, Any]:
        wrong = ""
        try:
            return await self._batches[n](messages)
        except InputError:
            raise
        except Exception as error:
            if not self.threaded:  # composed by our own code: a fault of ours
                raise
            wrong = f"the model failed ({type(error).__name__})"
        raise TeacherError(wrong)

    async def close(self) -> None:
        """Frees the model."""
        self.llm.unload()
