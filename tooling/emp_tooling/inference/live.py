"""A reply while it comes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from emp_plugins.affect.state import State
from emp_tooling.inference.reply import Piece, Reading, Reply, RiskSeen
from emp_tooling.inference.split import Splitter


class Live:
    """A reply while it comes: iterate over its pieces.

    The last pieces are the faults of its structure, if there are any. Close it to stop the model
    before its end; then there is no reply.

    Attributes:
        reading: What the conversation shows, and the prompt; known from the start.
        reply: The whole reply once the pieces are exhausted, else None.

    Example:
        ```python
        with contextlib.closing(listener.stream("I can't sleep.")) as live:
            for piece in live:
                print(piece.text, end="")
        print(live.reply.problems)
        ```
    """

    def __init__(
        self,
        reading: Reading,
        source: Iterator[str],
        splitter: Splitter,
        whole: Callable[[str], Reply],
    ) -> None:
        """Starts nothing yet.

        Args:
            reading: Of the conversation.
            source: The model's text.
            splitter: A fresh one.
            whole: Takes the finished text apart.
        """
        self.reading = reading
        self.reply: Reply | None = None
        self._pieces = self._run(source, splitter, whole)

    @property
    def state(self) -> State:
        """s_t after the client's last turn; known before the first piece."""
        return self.reading.state

    @property
    def risk(self) -> RiskSeen:
        """What the client disclosed; known before the first piece."""
        return self.reading.risk

    def __iter__(self) -> Live:
        return self

    def __next__(self) -> Piece:
        return next(self._pieces)

    def close(self) -> None:
        """Stops the model."""
        self._pieces.close()

    def _run(
        self, source: Iterator[str], splitter: Splitter, whole: Callable[[str], Reply]
    ) -> Iterator[Piece]:
        told: list[str] = []
        with contextlib.closing(source):
            for text in source:
                told.append(text)
                yield from splitter.feed(text)
        yield from splitter.finish()
        self.reply = whole("".join(told))
        yield from (Piece("fault", problem) for problem in self.reply.problems)
