"""Conversations as people hand them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emp_plugins.affect.state import parse
from emp_plugins.errors import InputError, did_you_mean, kind

ROLES = ("system", "user", "assistant")

LONGEST_ROLE = 20
"""More of an unknown role than this many characters may be a client's text."""

Conversation = str | Sequence[Mapping[str, Any]]


def checked(conversation: Conversation) -> list[dict[str, str]]:
    """A conversation as messages, each with a role and a text.

    Args:
        conversation: The client's message, or messages that end with it. State headers over the
            client's messages are taken off: they are read anew.

    Returns:
        The messages.

    Raises:
        InputError: ``messages[index]: what is wrong``: an unknown role, no text, a system message
            that is not the first, or the last message is not the client's. Quotes no text.

    Example:
        >>> checked("I can't sleep.")
        [{'role': 'user', 'content': "I can't sleep."}]
    """
    if isinstance(conversation, str):
        conversation = [{"role": "user", "content": conversation}]
    if isinstance(conversation, Mapping) or not isinstance(conversation, Sequence):
        raise InputError(f"messages: expected a text or a list, got {kind(conversation)}")
    messages = [_message(index, message) for index, message in enumerate(conversation)]
    if not messages or messages[-1]["role"] != "user":
        raise InputError("messages: the last one must be the client's, with role 'user'")
    return messages


def client_turns(messages: Sequence[Mapping[str, str]]) -> list[str]:
    """The client's messages, oldest first."""
    return [message["content"] for message in messages if message["role"] == "user"]


def _message(index: int, message: Any) -> dict[str, str]:
    where = f"messages[{index}]"
    if not isinstance(message, Mapping):
        raise InputError(f"{where}: expected role and content, got {kind(message)}")
    role, content = message.get("role"), message.get("content")
    if not isinstance(role, str):
        raise InputError(f"{where}: role: expected a text, got {kind(role)}")
    if role not in ROLES:
        shown = role if len(role) <= LONGEST_ROLE else f"{role[:LONGEST_ROLE]}…"
        raise InputError(f"{where}: role: unknown role {shown!r}; {did_you_mean(role, ROLES)}")
    if role == "system" and index:
        raise InputError(f"{where}: a system message can only be the first one")
    if not isinstance(content, str):
        raise InputError(f"{where}: content: expected a text, got {kind(content)}")
    if not content.strip():
        raise InputError(f"{where}: content: it is empty")
    # Half of a surrogate pair, which JSON can hold, is nothing that a tokenizer takes.
    content = content.encode("utf-8", "replace").decode("utf-8")
    return {"role": role, "content": parse(content)[1] if role == "user" else content}
