"""Models that reply to messages: in a local folder, by vLLM, or behind an endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

Messages = Sequence[Mapping[str, Any]]
Progress = Callable[[int, int], None]
OnReply = Callable[[int, str], None]


def quiet(done: int, total: int) -> None:
    """Progress that nobody watches."""


def unheard(index: int, text: str) -> None:
    """Replies that nobody waits for one by one."""


class Model(Protocol):
    """Replies to conversations.

    Attributes:
        name: For tables: the folder, or MODEL@URL.
    """

    name: str

    def reply(
        self,
        prompts: Sequence[Messages],
        *,
        seed: int = 0,
        progress: Progress = quiet,
        on_reply: OnReply = unheard,
    ) -> list[str]:
        """Samples one reply to each prompt.

        Args:
            prompts: Lists of messages; each ends with the client's.
            seed: The same seed and prompts give the same replies, as far as the backend can.
            progress: Called with the number of prompts done and of all.
            on_reply: Called with the index of a prompt and its reply as soon as that is there, in
                any order, so that a caller can keep what is done if the rest fails.

        Returns:
            The replies in the order of the prompts, without special tokens.

        Raises:
            InputError: The backend cannot be used, or failed half way.
        """
        ...

    def stream(self, messages: Messages, *, seed: int | None = None) -> Iterator[str]:
        """Samples one reply piece by piece.

        Closing the iterator early ends the generation.

        Args:
            messages: A conversation that ends with the client's message.
            seed: None draws anew each time.

        Yields:
            Pieces of text that join to the reply.

        Raises:
            InputError: The backend cannot be used, or failed half way.
        """
        ...

    def close(self) -> None:
        """Frees what the model holds."""
        ...
