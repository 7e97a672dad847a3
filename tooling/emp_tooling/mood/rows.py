"""What a row of a JSONL file says: one message, or a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from emp_plugins.affect.hourglass import AXES, LABELS
from emp_plugins.affect.state import parse
from emp_plugins.completion import client_text, completion_text
from emp_plugins.errors import InputError, did_you_mean, kind
from emp_plugins.safety.risk import LEVELS
from emp_tooling.score.replies import printable

Who = Literal["client", "reply"]

ROLES: Mapping[str, Who | None] = {"user": "client", "assistant": "reply", "system": None}
SHAPES = "role and content, or messages, or prompt and completion"
COMPLETIONS = ("completion", "reply", "chosen")

Row = Mapping[str, Any]
Affect = tuple[float, ...]


@dataclass(frozen=True)
class Said:
    """One message.

    Attributes:
        who: ``client`` or ``reply``.
        text: The message, without a state header.
        affect: Its four axes, where the row gives them.
        risk: Level of the risk disclosed so far, 0 to 4, where the row gives it.
        rule: What read that risk, where the row says so.
        turn: Number of the turn, where the row gives it.
        time: When it was said, as the row writes it.
    """

    who: Who
    text: str
    affect: Affect | None = None
    risk: int | None = None
    rule: str = ""
    turn: int | None = None
    time: str | None = None


@dataclass(frozen=True)
class Part:
    """What a row adds to the sessions of its file.

    Attributes:
        session: Name of the session, where the row gives one.
        said: The messages; none of a system prompt.
        whole: Whether the row holds the whole conversation.
    """

    session: str | None
    said: tuple[Said, ...]
    whole: bool


def read_row(row: Any) -> Part:
    """Reads a row of any of the shapes.

    Args:
        row: The parsed line. A message has ``role`` and ``content``; a conversation ``messages``,
            or ``prompt`` (or ``client``) and perhaps ``completion`` (or ``reply``, ``chosen``).
            ``affect`` (four numbers), ``state`` and ``risk`` belong to the message, or to the
            client's last one of a prompt; ``states`` of a conversation hold one for each of the
            client's messages.

    Returns:
        Its messages.

    Raises:
        InputError: ``field: what is wrong``, such as an unknown role; never the text.

    Example:
        >>> read_row({"role": "user", "content": "I failed."}).said[0].who
        'client'
    """
    if not isinstance(row, Mapping):
        raise InputError(f"expected a mapping with {SHAPES}, got {kind(row)}")
    if "role" in row or "content" in row:
        said = _message(row)
        return Part(
            _name(row, "session"), tuple(replace(one, **_extras(row)) for one in said), False
        )
    name = _name(row, "session") or _name(row, "id")
    if "messages" in row:
        return Part(name, tuple(_with_states(_messages(row["messages"], "messages"), row)), True)
    if "prompt" in row or "client" in row:
        return Part(name, tuple(_prompted(row)), True)
    raise InputError(f"a row holds {SHAPES}")


def _message(row: Row) -> list[Said]:
    role, content = row.get("role"), row.get("content")
    if not isinstance(role, str):
        raise InputError(f"role: expected a text, got {kind(role)}")
    if role not in ROLES:
        shown = printable(role if len(role) <= 20 else f"{role[:20]}…")
        raise InputError(f"role: unknown role {shown!r}; {did_you_mean(role, ROLES)}")
    if not isinstance(content, str):
        raise InputError(f"content: expected a text, got {kind(content)}")
    who = ROLES[role]
    return [] if who is None else _said(who, content, "content")


def _messages(value: Any, key: str) -> list[Said]:
    if not isinstance(value, list) or not value:
        raise InputError(f"{key}: expected a list of messages, got {kind(value)}")
    found: list[Said] = []
    for place, message in enumerate(value):
        if not isinstance(message, Mapping):
            raise InputError(f"{key}[{place}]: expected role and content, got {kind(message)}")
        try:
            found += _message(message)
        except InputError as error:
            raise InputError(f"{key}[{place}].{error}") from None
    return found


def _prompted(row: Row) -> list[Said]:
    key = "prompt" if "prompt" in row else "client"
    value = row[key]
    if isinstance(value, str):
        found = _said("client", client_text(value), key)
    else:
        found = _messages(value, key)
    clients = [place for place, one in enumerate(found) if one.who == "client"]
    if clients:
        found[clients[-1]] = replace(found[clients[-1]], **_extras(row))
    for answer in COMPLETIONS:
        if row.get(answer) is not None:
            return [*found, *_completion(row[answer], answer)]
    return found


def _completion(value: Any, key: str) -> list[Said]:
    if not isinstance(value, str):
        _messages(value, key)
    return _said("reply", completion_text(value), key)


def _said(who: Who, text: str, key: str) -> list[Said]:
    """The message; a reply without a text is none, as where a model only reasoned."""
    # Half of a surrogate pair, which JSON can hold, cannot be written to any file.
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = parse(text)[1] if who == "client" else text
    if text.strip():
        return [Said(who, text)]
    if who == "client":
        raise InputError(f"{key}: empty, expected what the client said")
    return []


def _with_states(found: list[Said], row: Row) -> list[Said]:
    states = row.get("states")
    clients = [place for place, one in enumerate(found) if one.who == "client"]
    if states is None:
        return found
    if not isinstance(states, list) or len(states) != len(clients):
        raise InputError(f"states: expected one for each of the client's {len(clients)} messages")
    for place, state in zip(clients, states, strict=True):
        found[place] = replace(found[place], affect=_state(state, "states"))
    return found


def _extras(row: Row) -> dict[str, Any]:
    """What a row says of a message besides its text."""
    risk, rule = row.get("risk"), row.get("rule")
    if risk is not None and (isinstance(risk, bool) or risk not in LEVELS):
        raise InputError(f"risk: expected a level from 0 to 4, got {kind(risk)}")
    turn = row.get("turn")
    if turn is not None and (isinstance(turn, bool) or not isinstance(turn, int)):
        raise InputError(f"turn: expected a whole number, got {kind(turn)}")
    affect = None if row.get("affect") is None else _affect(row["affect"], "affect")
    if affect is None and row.get("state") is not None:
        affect = _state(row["state"], "state")
    return {
        "affect": affect,
        "risk": None if risk is None else int(risk),
        "rule": printable(rule) if isinstance(rule, str) else "",
        "turn": turn,
        "time": _name(row, "time"),
    }


def _state(value: Any, key: str) -> Affect:
    if not isinstance(value, Mapping):
        raise InputError(f"{key}: expected a mapping, got {kind(value)}")
    return _affect(value.get("affect"), f"{key}.affect")


def _affect(value: Any, key: str) -> Affect:
    numbers = isinstance(value, Sequence) and not isinstance(value, str)
    if not numbers or len(value) != len(AXES) or not all(map(_is_axis, value)):
        raise InputError(f"{key}: expected 4 finite numbers, about -1 to 1 ({', '.join(AXES)})")
    return tuple(map(float, value))


def _is_axis(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    # Labels add up on an axis, so that it can leave [-1, 1], but no further than there are labels.
    return number and abs(value) <= len(LABELS)


def _name(row: Row, key: str) -> str | None:
    value = row.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (str, int, float))):
        raise InputError(f"{key}: expected a text or a number, got {kind(value)}")
    return None if value in (None, "") else printable(str(value))
