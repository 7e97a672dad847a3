"""The state of a chat, without a screen: turns that were answered, and nothing half done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from emp_plugins.affect.state import State

AT_RISK = 2
"""From this level on crisis resources are shown."""

LEVELS = range(5)

SILENCE = "…"
"""What a model is told that it said where its reply had no answer: chat templates want a text."""


@dataclass(frozen=True)
class Turn:
    """What the client said and what was answered.

    Attributes:
        client: The client's message, without a state header.
        answer: What the client saw; empty where nothing could be told apart.
        reasoning: What the model wrote before it.
        state: s_t after the message; None where a transcript holds none.
        level: Risk that the client has disclosed so far, 0 to 4.
        rule: Name of the rule that read it, or an empty text.
        category: Name of the state's risk category, such as ``anxiety``, or ``none``.
        problems: Why the reply is malformed.
        safety: Name of the safety rule that the answer broke, or an empty text.
    """

    client: str
    answer: str
    reasoning: str = ""
    state: State | None = None
    level: int = 0
    rule: str = ""
    category: str = "none"
    problems: tuple[str, ...] = ()
    safety: str = ""

    @classmethod
    def of(cls, client: str, reply: Any) -> Turn:
        """A turn from what inference gave.

        Args:
            client: The client's message.
            reply: An ``emp_tooling.inference.Reply``.

        Returns:
            The turn.
        """
        return cls(
            client=client,
            answer=reply.answer,
            reasoning=reply.reasoning,
            state=reply.state,
            level=reply.risk.level,
            rule=reply.risk.rule,
            category=reply.risk.category.name,
            problems=tuple(reply.problems),
            safety=reply.safety,
        )


@dataclass(frozen=True)
class Conversation:
    """Answered turns in their order; every change gives a new conversation.

    Attributes:
        turns: The turns, oldest first.

    Example:
        >>> talk = Conversation().with_turn(Turn("Hello.", "Hello, what brings you here?"))
        >>> len(talk.asking("I can't sleep.")), len(talk.without_last().turns)
        (3, 0)
    """

    turns: tuple[Turn, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.turns)

    @property
    def last(self) -> Turn | None:
        """The newest turn, or None before the first."""
        return self.turns[-1] if self.turns else None

    @property
    def level(self) -> int:
        """The highest risk level disclosed so far, 0 to 4."""
        return max((turn.level for turn in self.turns), default=0)

    def asking(self, client: str) -> list[dict[str, str]]:
        """The messages that a model answers next.

        Args:
            client: The client's new message.

        Returns:
            Every turn's message and answer, and the new message last.
        """
        return [*self._messages(), {"role": "user", "content": client}]

    def with_turn(self, turn: Turn) -> Conversation:
        """The conversation one turn later."""
        return replace(self, turns=(*self.turns, turn))

    def without_last(self) -> Conversation:
        """The conversation before its last turn; the same where there is none."""
        return replace(self, turns=self.turns[:-1])

    def _messages(self) -> Iterator[dict[str, str]]:
        for turn in self.turns:
            yield {"role": "user", "content": turn.client}
            yield {"role": "assistant", "content": turn.answer or SILENCE}
