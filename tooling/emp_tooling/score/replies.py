"""Replies to score, from a JSONL file in any of the shapes that hold them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from emp_plugins.affect.state import State, parse
from emp_plugins.completion import client_text, completion_text
from emp_plugins.errors import InputError

LABELS = ("good", "bad")
SHAPES = "client and reply; prompt, chosen and rejected; or prompt and completions"

# The last five are names of other arguments of a reward.
NOT_COLUMNS = frozenset(
    "client prompt reply completion chosen rejected completions label group "
    "prompts log_extra log_metric trainer_state self".split()
)
RISK = range(5)
BLANK = b" \t\r\xef\xbb\xbf"

Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Reply:
    """One reply and what it answers.

    Attributes:
        id: Names the reply in tables and messages.
        group: Replies of one group are compared with each other.
        prompt: The conversation up to the client's last message.
        text: The reply, bare or in the template's tags.
        label: ``good``, ``bad`` or None.
        columns: The row's other fields, as a reward gets them.
    """

    id: str
    group: str
    prompt: Messages
    text: str
    label: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)

    @property
    def client(self) -> str:
        """The client's last message, without its state header."""
        return parse(client_text(self.prompt))[1]


def from_texts(texts: list[str], client: str) -> list[Reply]:
    """Makes replies of texts.

    Args:
        texts: What was replied.
        client: What all of them answer.

    Returns:
        The replies, in one group.

    Example:
        >>> from_texts(["I hear you."], "I failed.")[0].client
        'I failed.'
    """
    prompt = [{"role": "user", "content": client}]
    return [Reply(f"reply {n}", "replies", prompt, text) for n, text in enumerate(texts, 1)]


def shipped() -> list[Reply]:
    """Reads the examples that come with the package.

    Returns:
        Replies marked good and bad, to a dozen clients.

    Example:
        >>> {reply.label for reply in shipped()} == {"good", "bad"}
        True
    """
    with resources.as_file(resources.files(__package__) / "examples.jsonl") as path:
        return read_replies(path)


def read_replies(path: str | Path) -> list[Reply]:
    """Reads replies.

    A row holds ``client`` (or ``prompt``) and ``reply`` (or ``completion``), and maybe ``label``,
    ``id`` and ``group``. Rows of emp-datagen are read too: of a pair the chosen reply is good and
    the rejected one bad; of a group each reply with no entry in ``error`` is good; of KTO's rows
    those with the label true are. All other fields are dataset columns. Without ``group`` rows with
    the same client form one.

    Args:
        path: A UTF-8 JSONL file; blank lines are skipped.

    Returns:
        The replies, in the file's order.

    Raises:
        InputError: ``file:line: field: what is wrong``, or the file is missing or empty; never the
            text itself.
    """
    path = Path(path)
    found: list[Reply] = []
    firsts: dict[str, str] = {}
    number = 0
    try:
        # Not splitlines(): it would also break at rarer line separators inside a reply.
        for number, raw in enumerate(path.read_bytes().split(b"\n"), 1):
            if raw.strip(BLANK):
                found += _replies(_row(raw.strip(BLANK)), f"line {number}", firsts)
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"{path}: no such file") from None
    except InputError as error:
        raise InputError(f"{path}:{number}: {error}") from None
    if not found:
        raise InputError(f"{path}: empty, expected one JSON object a line")
    return found


def printable(text: str) -> str:
    r"""The text with blanks for line ends, control characters and broken Unicode.

    Example:
        >>> printable("a\x1bb\nc")
        'a b c'
    """
    return "".join(char if char.isprintable() else " " for char in text)


def _row(raw: bytes) -> dict[str, Any]:
    try:
        row = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON at column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise InputError("not JSON: nested too deep") from None
    if not isinstance(row, dict):
        raise InputError(f"expected an object, got {type(row).__name__}")
    return row


def _replies(row: dict[str, Any], place: str, firsts: dict[str, str]) -> Iterator[Reply]:
    """The replies of one row; ``firsts`` names the groups of rows that say none."""
    prompt, columns = _prompt(row), _columns(row)
    name = _name(row, "id") or place
    several = "chosen" in row or "rejected" in row or "completions" in row
    own = name if several else firsts.setdefault(client_text(prompt), name)
    group = _name(row, "group") or own
    for suffix, label, text in _texts(row):
        yield Reply(name + suffix, group, prompt, text, label, columns)


def _texts(row: dict[str, Any]) -> Iterator[tuple[str, str | None, str]]:
    """What to add to the row's id, the label and the text of each reply."""
    if "chosen" in row or "rejected" in row:
        for key, label in (("chosen", "good"), ("rejected", "bad")):
            yield f"/{key}", label, _text(row, key)
    elif "completions" in row:
        yield from _group(row)
    else:
        label = row.get("label")
        if isinstance(label, bool):  # as KTO has it
            label = LABELS[not label]
        if label not in (*LABELS, None):
            raise InputError(f'label: expected "good" or "bad", got {json.dumps(label)[:40]}')
        yield "", label, _text(row, "completion" if "completion" in row else "reply")


def _group(row: dict[str, Any]) -> Iterator[tuple[str, str | None, str]]:
    texts, errors = row["completions"], row.get("error")
    if not isinstance(texts, list) or not texts:
        raise InputError("completions: expected a list of replies")
    if errors is not None and (not isinstance(errors, list) or len(errors) != len(texts)):
        raise InputError(f"error: expected a list with one entry for each of {len(texts)} replies")
    for number, item in enumerate(texts):
        label = None if errors is None else LABELS[errors[number] is not None]
        yield f"/{number + 1}", label, _text({"completions": item}, "completions")


def _prompt(row: dict[str, Any]) -> Messages:
    key = "prompt" if "prompt" in row else "client"
    value = row.get(key)
    _check_said(row, key)
    return value if isinstance(value, list) else [{"role": "user", "content": value}]


def _text(row: dict[str, Any], key: str) -> str:
    _check_said(row, key)
    return completion_text(row[key])


def _check_said(row: dict[str, Any], key: str) -> None:
    if key not in row:
        raise InputError(f"{key}: missing; a row holds {SHAPES}")
    value = row[key]
    messages = isinstance(value, list) and all(
        isinstance(item, dict)
        and isinstance(item.get("role"), str)
        and isinstance(item.get("content"), str)
        for item in value
    )
    if not (isinstance(value, str) or (messages and value)):
        raise InputError(f"{key}: expected a text or messages with role and content")


def _name(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise InputError(f"{key}: expected a text, got {type(value).__name__}")
    return None if value in (None, "") else printable(str(value))


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    """The dataset columns; those that our rewards read are checked."""
    risk, state = row.get("risk"), row.get("state")
    if risk is not None and (isinstance(risk, bool) or risk not in RISK):
        raise InputError(f"risk: expected a level from 0 to 4, got {json.dumps(risk)[:40]}")
    if isinstance(state, dict):
        State.from_row({"user": {}, "history": [], **state})
    elif state is not None:
        raise InputError(f"state: expected a mapping, got {type(state).__name__}")
    return {key: value for key, value in row.items() if key not in NOT_COLUMNS}
