"""The web chat without its page: what each event makes of a browser session's conversation."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from emp_tooling.chat import words
from emp_tooling.chat.answering import Answering, clean
from emp_tooling.chat.conversation import Conversation, Turn
from emp_tooling.chat.mood import Point, points
from emp_tooling.chat.setup import Setup

PAUSE = 0.06
"""Seconds between two pictures of a reply that is being written."""

Bubble = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """What a browser session holds; it ends with the session.

    Attributes:
        conversation: The answered turns.
        asked: How many replies were asked for.
    """

    conversation: Conversation = Conversation()
    asked: int = 0


@dataclass(frozen=True)
class Shown:
    """What the page shows.

    Attributes:
        held: What the session holds.
        bubbles: Messages as a Gradio chatbot takes them.
        points: The mood profile.
        state: s_t after the client's last message, or None.
        level: Risk disclosed so far, 0 to 4.
        note: A line in the chat's own name, or an empty text.
        text: What stands in the box for the next message.
        busy: Whether a reply is being written.
    """

    held: Held
    bubbles: list[Bubble]
    points: list[Point]
    state: Any
    level: int
    note: str = ""
    text: str = ""
    busy: bool = False


class Talk:
    """Answers the events of all browser sessions; each keeps its own ``Held``."""

    def __init__(self, setup: Setup) -> None:
        """Begins with nobody.

        Args:
            setup: The model and how it talks.
        """
        self._setup = setup
        self._stops: dict[str, Event] = {}

    def begin(self) -> Shown:
        """What a fresh session shows."""
        return self.rest(Held(self._setup.begun), text=self._setup.unanswered or "")

    def say(self, text: str, held: Held, session: str) -> Iterator[Shown]:
        """Answers a message.

        Args:
            text: What was typed.
            held: What the session holds.
            session: Its key, by which ``stop`` finds it.

        Yields:
            What to show while the reply comes, and after it.
        """
        if not text.strip():
            yield self.rest(held)
            return
        yield from self._answer(text.strip(), held, held.conversation, session, again=text)

    def retry(self, held: Held, session: str) -> Iterator[Shown]:
        """Answers the last message anew; the reply that is there stays until then."""
        last = held.conversation.last
        if last is None:
            yield self.rest(held, note="nothing to try again")
            return
        before = held.conversation.without_last()
        yield from self._answer(last.client, held, before, session)

    def undo(self, held: Held) -> Shown:
        """Takes the last turn back; its message goes into the box."""
        last = held.conversation.last
        held = replace(held, conversation=held.conversation.without_last())
        return self.rest(held, text=last.client if last else "")

    def clear(self) -> Shown:
        """Starts anew."""
        return self.rest(Held())

    def stop(self, session: str) -> None:
        """Ends the reply that a session waits for."""
        self._stops.setdefault(session, Event()).set()

    def forget(self, session: str) -> None:
        """Ends a session."""
        if stop := self._stops.pop(session, None):
            stop.set()

    def rest(self, held: Held, note: str = "", text: str = "") -> Shown:
        """What is shown while no reply is being written."""
        said = held.conversation
        return Shown(
            held=held,
            bubbles=self._bubbles(said),
            points=points(said),
            state=said.last.state if said.last else None,
            level=said.level,
            note=note,
            text=text,
        )

    def _answer(
        self, client: str, held: Held, said: Conversation, session: str, again: str = ""
    ) -> Iterator[Shown]:
        """A reply from beginning to end; ``again`` goes back into the box where it fails."""
        stop = self._stops[session] = Event()
        seed, held = self._setup.seed_of(held.asked), replace(held, asked=held.asked + 1)
        try:
            with contextlib.closing(
                Answering(self._setup.inference, said, client, seed)
            ) as answering:
                for answer, reasoning in _paced(answering, stop):
                    yield self._writing(held, said, answering, Turn(client, answer, reasoning))
                turn = None if stop.is_set() else answering.turn()
        except Exception as error:  # any failure is one line, and the chat goes on
            yield self.rest(held, note=words.failure(error), text=again)
            return
        if turn is None:
            yield self.rest(held, note="stopped", text=again)
        else:
            yield self.rest(replace(held, conversation=said.with_turn(turn)))

    def _writing(self, held: Held, said: Conversation, answering: Answering, part: Turn) -> Shown:
        return Shown(
            held=held,
            bubbles=[*self._bubbles(said), *self._turn(part, writing=True)],
            points=points(said, answering.state, answering.category, answering.level),
            state=answering.state,
            level=answering.level,
            busy=True,
        )

    def _bubbles(self, said: Conversation) -> list[Bubble]:
        return [bubble for turn in said.turns for bubble in self._turn(turn)]

    def _turn(self, turn: Turn, writing: bool = False) -> Iterator[Bubble]:
        yield {"role": "user", "content": turn.client}
        if turn.reasoning and self._setup.reasoning:
            status = "pending" if writing and not turn.answer else "done"
            yield _bubble(turn.reasoning, {"title": "Reasoning", "status": status})
        if turn.answer or not writing:
            yield _bubble(turn.answer or "(no answer could be told apart)")
        for text in filter(None, (words.fault(turn.problems), words.unsafe(turn.safety))):
            yield _bubble(text, {"title": text, "status": "done"})


def _bubble(text: str, metadata: dict[str, str] | None = None) -> Bubble:
    bubble: Bubble = {"role": "assistant", "content": clean(text)}
    return bubble | {"metadata": metadata} if metadata else bubble


def _paced(answering: Answering, stop: Event) -> Iterator[tuple[str, str]]:
    """Answer and reasoning so far, first of all empty ones, not oftener than a reader sees."""
    told = {"answer": "", "reasoning": "", "fault": ""}
    yield "", ""
    shown = time.monotonic()
    for piece in answering:
        if stop.is_set():
            return
        told[piece.kind] += piece.text
        if time.monotonic() - shown >= PAUSE:
            shown = time.monotonic()
            yield told["answer"].strip(), told["reasoning"].strip()
