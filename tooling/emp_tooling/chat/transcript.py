"""A conversation as JSONL, one message a line, in the shape that ``emp mood`` reads."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_plugins.affect.state import State
from emp_plugins.errors import InputError, did_you_mean, kind
from emp_plugins.files import atomic_write
from emp_tooling.chat.conversation import LEVELS, Conversation, Turn

ROLES = ("user", "assistant")


@dataclass(frozen=True)
class Loaded:
    """What a transcript holds.

    Attributes:
        conversation: Its answered turns.
        unanswered: A message of the client's at the end that has no answer, or None.
        broken: Number of lines that are no JSON, such as the last one of a file cut short; they
            were skipped.
    """

    conversation: Conversation
    unanswered: str | None = None
    broken: int = 0


def to_rows(conversation: Conversation) -> Iterator[dict[str, Any]]:
    """The lines of a transcript.

    Args:
        conversation: What was said.

    Yields:
        For each turn the client's row (``role, content, turn, state, risk, rule, category``) and
        the reply's (``role, content, turn, reasoning, problems, safety``).

    Example:
        >>> rows = to_rows(Conversation((Turn("I failed.", "That hurts."),)))
        >>> [(row["role"], row["content"]) for row in rows]
        [('user', 'I failed.'), ('assistant', 'That hurts.')]
    """
    for number, turn in enumerate(conversation.turns, 1):
        client: dict[str, Any] = {"role": "user", "content": turn.client, "turn": number}
        if turn.state is not None:
            client["state"] = turn.state.to_row()
        yield client | {"risk": turn.level, "rule": turn.rule, "category": turn.category}
        yield {
            "role": "assistant",
            "content": turn.answer,
            "turn": number,
            "reasoning": turn.reasoning,
            "problems": list(turn.problems),
            "safety": turn.safety,
        }


def to_text(conversation: Conversation) -> str:
    """A transcript as text.

    Args:
        conversation: What was said.

    Returns:
        JSON lines, each ended by a line feed.
    """
    lines = (json.dumps(row, ensure_ascii=False) for row in to_rows(conversation))
    return "".join(f"{line}\n" for line in lines)


def save(conversation: Conversation, path: str | Path) -> None:
    """Writes a transcript that only its owner can read; the file is whole or absent.

    Args:
        conversation: What was said.
        path: The file; one that is there is replaced.

    Raises:
        InputError: The path is a folder.
        OSError: It cannot be written.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file in it")
    with _private(), atomic_write(path) as file:
        file.write(to_text(conversation))


def load(path: str | Path) -> Loaded:
    """Reads a transcript: what ``save`` wrote, or lines with ``role`` and ``content`` alone.

    Args:
        path: A UTF-8 JSONL file; blank lines are skipped.

    Returns:
        The conversation.

    Raises:
        InputError: ``file:line: what is wrong``: an unknown role, roles that do not take turns, a
            field of another type; or there is no message. Never the text itself.
    """
    path = Path(path).expanduser()
    try:
        lines = path.read_bytes().split(b"\n")
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"{path}: no such file") from None
    turns: list[Turn] = []
    client, broken = None, 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            broken += 1
            continue
        try:
            client = _take(row, client, turns)
        except InputError as error:
            raise InputError(f"{path}:{number}: {error}") from None
    if not turns and client is None:
        raise InputError(f"{path}: no messages; a line holds role and content")
    unanswered = None if client is None else client["content"]
    return Loaded(Conversation(tuple(turns)), unanswered, broken)


@contextlib.contextmanager
def _private() -> Iterator[None]:
    """Files made meanwhile are for their owner alone, from the moment they are there."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _take(row: Any, client: dict[str, Any] | None, turns: list[Turn]) -> dict[str, Any] | None:
    """Adds one line; gives the client's row that waits for its answer."""
    if not isinstance(row, dict):
        raise InputError(f"expected a mapping with role and content, got {kind(row)}")
    role = _text(row, "role", required=True)
    if role not in ROLES:
        raise InputError(f"role: {_short(role)!r}: {did_you_mean(role, ROLES)}")
    if (role == "user") != (client is None):
        expected = "user" if client is None else "assistant"
        raise InputError(f"role: {role}, but it is the turn of {expected}: the two take turns")
    content = _text(row, "content", required=True)
    if role == "user":
        if not content.strip():
            raise InputError("content: empty, expected what the client said")
        return _client(row)
    turns.append(_turn(client or {}, row))
    return None


def _client(row: dict[str, Any]) -> dict[str, Any]:
    state, level = row.get("state"), row.get("risk", 0)
    if level is None or isinstance(level, bool) or level not in LEVELS:
        raise InputError("risk: expected a level from 0 to 4")
    if isinstance(state, Mapping):
        state = State.from_row({"user": {}, "history": [], **state})
    elif state is not None:
        raise InputError(f"state: expected a mapping, got {kind(state)}")
    return {
        "content": row["content"],
        "state": state,
        "level": int(level),
        "rule": _text(row, "rule"),
        "category": _text(row, "category") or "none",
    }


def _turn(client: dict[str, Any], reply: dict[str, Any]) -> Turn:
    problems = reply.get("problems") or []
    if not isinstance(problems, list) or not all(isinstance(item, str) for item in problems):
        raise InputError("problems: expected a list of texts")
    return Turn(
        client=client["content"],
        answer=reply["content"],
        reasoning=_text(reply, "reasoning"),
        state=client["state"],
        level=client["level"],
        rule=client["rule"],
        category=client["category"],
        problems=tuple(problems),
        safety=_text(reply, "safety"),
    )


def _text(row: dict[str, Any], key: str, required: bool = False) -> str:
    value = row.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{key}: expected a text, got {kind(value)}")
    return value


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"
