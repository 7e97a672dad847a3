"""The commands of the terminal chat: one line of the table and one function each."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emp_tooling.chat import mood, transcript
from emp_tooling.chat.terminal import views

if TYPE_CHECKING:
    from emp_tooling.chat.terminal.session import Session


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        run: Called with the session and what follows the name; False ends the chat.
        help: What it does.
        argument: Name of what follows it, or an empty text.
    """

    run: Callable[[Session, str], bool]
    help: str
    argument: str = ""


def obey(session: Session, line: str) -> bool:
    """Runs a command.

    Args:
        session: The chat.
        line: What was typed, with the slash.

    Returns:
        False where the chat ends.
    """
    name, _, argument = line[1:].partition(" ")
    command = COMMANDS.get(name.lower())
    if command is None:
        session.note(_unknown(name.lower()))
        return True
    if argument.strip() and not command.argument:
        session.note(f"/{name} takes nothing after it; to send this as a message, leave out the /")
        return True
    return command.run(session, argument.strip())


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
    hint = f"did you mean /{near[0]}?" if near else "/help lists the commands"
    return f"/{name[:20]}: no such command; {hint}"


def _state(session: Session, _: str) -> bool:
    last = session.conversation.last
    if last is None or last.state is None:
        session.note("no state yet: it is read from a message")
    else:
        session.show(views.state_view(last.state, session.setup.style))
    return True


def _mood(session: Session, _: str) -> bool:
    points = mood.points(session.conversation)
    if points:
        session.show(views.mood_view(points))
    else:
        session.note("no mood profile yet: it begins with the first answered message")
    return True


def _save(session: Session, path: str) -> bool:
    if not path:
        session.note("/save needs the name of a file, such as /save chat.jsonl")
    elif not session.conversation:
        session.note("nothing to save yet")
    else:
        count = len(session.conversation.turns)
        try:
            transcript.save(session.conversation, path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            session.note(f"not saved: {reason}")
        else:
            turns = f"{count} turn{'s' if count > 1 else ''}"
            session.note(f"{turns} saved to {path}, for you alone to read; emp mood shows them")
    return True


def _reset(session: Session, _: str) -> bool:
    session.reset()
    session.note("the conversation starts anew")
    return True


def _undo(session: Session, _: str) -> bool:
    if session.undo():
        count = len(session.conversation.turns)
        session.note(f"the last message and its reply are taken back; {count} remain")
    else:
        session.note("nothing to take back")
    return True


def _retry(session: Session, _: str) -> bool:
    if not session.retry():
        session.note("nothing to try again")
    return True


def _help(session: Session, _: str) -> bool:
    rows = [
        (f"/{name} {command.argument}".strip(), command.help) for name, command in COMMANDS.items()
    ]
    session.show(views.help_view([*rows, ("ctrl-c", "stop the reply; at the prompt twice: leave")]))
    return True


def _quit(session: Session, _: str) -> bool:
    return False


COMMANDS = {
    "state": Command(_state, "your state as the model sees it"),
    "mood": Command(_mood, "mood profile of the conversation so far"),
    "retry": Command(_retry, "ask for another reply to the last message"),
    "undo": Command(_undo, "take the last message and its reply back"),
    "reset": Command(_reset, "start anew"),
    "save": Command(_save, "write the conversation as JSONL", "FILE"),
    "help": Command(_help, "this list"),
    "quit": Command(_quit, "leave; so does ctrl-d"),
}
