"""Writes a reply to the terminal while it comes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from emp_tooling.chat import words
from emp_tooling.chat.answering import Answering, clean
from emp_tooling.chat.conversation import Turn
from emp_tooling.chat.terminal.flow import Flow

REASONING = "dim italic"


def write(answering: Answering, console: Any, reasoning: bool) -> Turn:
    """Writes the reply and what is to be noted about it.

    Args:
        answering: The reply on its way.
        console: A rich console.
        reasoning: Whether to write the reasoning too.

    Returns:
        The whole turn.
    """
    console.print()
    flow, shown, before = Flow(console), "", ""
    with contextlib.ExitStack() as waiting:
        if console.is_terminal:
            waiting.enter_context(console.status("thinking", spinner="dots"))
        for kind, text in _parts(answering, reasoning):
            waiting.close()
            if before and kind != before:
                flow.end()
                console.print()
            flow.write(text, REASONING if kind == "reasoning" else None)
            before, shown = kind, shown + (text if kind == "answer" else "")
    flow.end()
    turn = answering.turn()
    _complete(turn, shown, flow)
    _notes(turn, console)
    console.print()
    return turn


def _parts(answering: Answering, reasoning: bool) -> Iterator[tuple[str, str]]:
    """Kind and text of what is to be written, without white space where a kind begins."""
    wanted, before = {"answer", *(("reasoning",) if reasoning else ())}, ""
    for piece in answering:  # faults are noted at the end
        text = clean(piece.text)
        if piece.kind != before:
            text = text.lstrip()
        if text and piece.kind in wanted:
            before = piece.kind
            yield piece.kind, text


def _complete(turn: Turn, shown: str, flow: Flow) -> None:
    """The answer of a malformed reply is known only at its end."""
    answer = clean(turn.answer)
    if "".join(shown.split()) != "".join(answer.split()):
        flow.write(answer)
        flow.end()


def _notes(turn: Turn, console: Any) -> None:
    from rich.padding import Padding
    from rich.text import Text

    lines = [
        ("" if turn.answer else "no answer could be told apart", "dim"),
        (words.fault(turn.problems), "dim"),
        (words.unsafe(turn.safety), "yellow"),
    ]
    for text, style in lines:
        if text:
            console.print(Padding(Text(f"({text})", style=style), (0, 0, 0, 2)))
