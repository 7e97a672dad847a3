"""One reply on its way: what was read from the client first, then the reply's pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from emp_plugins.affect.state import State
from emp_tooling.chat.conversation import Conversation, Turn

if TYPE_CHECKING:
    from emp_tooling.inference import EmpathyInference, Piece

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Answering:
    """A reply while it is written; nothing of it is in the conversation before it is whole.

    Attributes:
        client: The message that is answered.
        state: s_t after it.
        level: Risk disclosed so far, 0 to 4.
        category: Name of the state's risk category.
    """

    def __init__(
        self,
        inference: EmpathyInference,
        conversation: Conversation,
        client: str,
        seed: int | None = None,
    ) -> None:
        """Reads the client; the model begins with the first piece.

        Args:
            inference: Reads and replies.
            conversation: What was said before.
            client: The new message.
            seed: None draws anew each time.
        """
        self.client = client
        self._stream = inference.stream(conversation.asking(client), seed=seed)
        self.state: State = self._stream.state
        self.level = max(conversation.level, self._stream.risk.level)
        self.category: str = self._stream.risk.category.name

    def __iter__(self) -> Iterator[Piece]:
        """The pieces: ``kind`` and ``text``."""
        return iter(self._stream)

    def turn(self) -> Turn:
        """The whole turn, once the pieces are read."""
        if self._stream.reply is None:
            raise RuntimeError("the reply is not whole yet")
        return replace(Turn.of(self.client, self._stream.reply), level=self.level)

    def close(self) -> None:
        """Ends the generation if it still runs."""
        self._stream.close()


def with_states(inference: EmpathyInference, conversation: Conversation) -> Conversation:
    """Reads the clients of turns that a transcript brought without a state.

    Args:
        inference: Reads; the model is not asked.
        conversation: What was said.

    Returns:
        The conversation with the state, risk and category of every turn.
    """
    known = Conversation()
    for turn in conversation.turns:
        if turn.state is None:
            reading = inference.read(known.asking(turn.client))
            turn = replace(
                turn,
                state=reading.state,
                level=max(turn.level, reading.risk.level),
                rule=reading.risk.rule,
                category=reading.risk.category.name,
            )
        known = known.with_turn(turn)
    return known


def clean(text: str) -> str:
    r"""Text without what could steer a terminal or turn the reading direction.

    Args:
        text: What a model wrote.

    Returns:
        The text; line feeds and tabs stay.

    Example:
        >>> clean("red" + chr(27) + "[31m" + chr(10))
        'red[31m\n'
    """
    return _CONTROL.sub("", text)
