"""Models that reply to messages: in a local folder, by vLLM, or behind an endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

Messages = Sequence[Mapping[str, Any]]
Progress = Callable[[int, int], None]


def quiet(done: int, total: int) -> None:
    """Progress that nobody watches."""


class Model(Protocol):
    """Replies to conversations.

    Attributes:
        name: For tables: the folder, or MODEL@URL.
    """

    name: str

    def reply(
        self, prompts: Sequence[Messages], *, seed: int = 0, progress: Progress = quiet
    ) -> list[str]:
        """Samples one reply to each prompt.

        Args:
            prompts: Lists of messages; each ends with the client's.
            seed: The same seed and prompts give the same replies, as far as the backend can.
            progress: Called with the number of prompts done and of all.

        Returns:
            The replies in the order of the prompts, without special tokens.

        Raises:
            InputError: The backend cannot be used.
        """
        ...

    def stream(self, messages: Messages, *, seed: int | None = None) -> Iterator[str]:
        """Samples one reply piece by piece.

        Args:
            messages: A conversation that ends with the client's message.
            seed: None draws anew each time.

        Yields:
            Pieces of text that join to the reply.
        """
        ...

    def close(self) -> None:
        """Frees what the model holds."""
        ...
