"""The terminal chat: reads a line, answers it, and stays whole when it is interrupted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from emp_tooling.chat import words
from emp_tooling.chat.answering import Answering
from emp_tooling.chat.conversation import AT_RISK, Conversation, Turn
from emp_tooling.chat.setup import Setup
from emp_tooling.chat.terminal import views
from emp_tooling.chat.terminal.commands import obey
from emp_tooling.chat.terminal.writing import write

PROMPT = "you › "


class Session:
    """One chat in a terminal.

    Attributes:
        setup: The model, and what the chat was begun with.
        conversation: The answered turns.
    """

    def __init__(self, setup: Setup, console: Any, read: Callable[[str], str] = input) -> None:
        """Nothing is shown before ``run``.

        Args:
            setup: The model and how it talks.
            console: A rich console.
            read: Shows a prompt and gives a line, as ``input`` does.
        """
        self.setup = setup
        self.conversation = setup.begun
        self._console, self._read = console, read
        self._unanswered = setup.unanswered
        self._asked = self._warned = 0

    def run(self) -> None:
        """Talks until the client leaves."""
        self.show(views.greeting(self.setup.name))
        self._recall()
        leaving = False
        while True:
            try:
                if not self._handle(self._read(PROMPT).strip()):
                    return
                leaving = False
            except EOFError:
                self._console.print()
                return
            except KeyboardInterrupt:
                self._console.print()
                if leaving:
                    return
                leaving = True
                self.note("ctrl-c once more leaves; /help lists the commands")

    def show(self, renderable: Any) -> None:
        """Prints something with a blank line around it."""
        self._console.print()
        self._console.print(renderable, highlight=False)
        self._console.print()

    def note(self, text: str) -> None:
        """Prints one quiet line in the chat's own name."""
        self._console.print(f"  {text}", style="dim", markup=False, highlight=False, soft_wrap=True)

    def reset(self) -> None:
        """Forgets everything that was said."""
        self.conversation, self._unanswered, self._warned = Conversation(), None, 0

    def undo(self) -> bool:
        """Takes the last turn back; False where there is none."""
        there = bool(self.conversation)
        self.conversation, self._unanswered = self.conversation.without_last(), None
        return there

    def retry(self) -> bool:
        """Asks again for the message without an answer, or else for the last one's.

        Returns:
            False where there is neither. A reply that is there stays until the new one is whole.
        """
        last = self.conversation.last
        if self._unanswered is not None:
            self._say(self._unanswered)
        elif last is None:
            return False
        else:
            before = self.conversation.without_last()
            if turn := self._answer(last.client, before):
                self.conversation = before.with_turn(turn)
            else:
                self.note("the reply that was there stays")
        return True

    def _handle(self, line: str) -> bool:
        if line.startswith("/"):
            return obey(self, line)
        if line:
            self._say(line)
        return True

    def _say(self, client: str) -> None:
        self._unanswered = client
        if turn := self._answer(client, self.conversation):
            self.conversation, self._unanswered = self.conversation.with_turn(turn), None
        else:
            self.note("the message is not in the conversation; /retry asks again")

    def _answer(self, client: str, said: Conversation) -> Turn | None:
        """Writes the reply to one message; None where it was stopped or failed."""
        try:
            with contextlib.closing(self._ask(client, said)) as answering:
                self._care(answering.level)
                return write(answering, self._console, self.setup.reasoning)
        except KeyboardInterrupt:
            self._console.print()
            self.note("stopped")
        except Exception as error:  # any failure is one line, and the chat goes on
            text = f"  {words.failure(error)}"
            self._console.print()
            self._console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
        return None

    def _ask(self, client: str, said: Conversation) -> Answering:
        seed = self.setup.seed_of(self._asked)
        self._asked += 1
        return Answering(self.setup.inference, said, client, seed)

    def _care(self, level: int) -> None:
        """Shows the crisis resources once for each level of disclosure."""
        if level >= AT_RISK and level > self._warned:
            self._warned = level
            self.show(views.risk_panel(level, self.setup.resources, self._console.width))

    def _recall(self) -> None:
        if self.conversation:
            count = len(self.conversation.turns)
            self.note(f"{count} turn{'s' if count > 1 else ''} loaded; /mood shows them")
            self._care(self.conversation.level)
        if self._unanswered is not None:
            self.note("its last message has no answer yet")
            self._say(self._unanswered)
