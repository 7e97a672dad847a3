"""The messages that the embedded risk judge is trained on, one file a writer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emp_plugins.errors import InputError
from emp_plugins.judges.embedded.corpus import Split

SHIPPED = Path(__file__).parent / "risk_messages"
"""The messages that come with the package; all were written for it."""

AT_RISK = 2
KINDS = ("explicit", "coded", "none")


@dataclass(frozen=True)
class Message:
    """One labelled message.

    Attributes:
        text: What a client could write.
        level: 0 none, 1 hopelessness, 2 passive wish, 3 active thoughts or self-harm, 4 plan.
        kind: ``explicit``, ``coded`` or, below level 2, ``none``.
        writer: Name of the file that it stands in.
    """

    text: str
    level: int
    kind: str
    writer: str


def load(folder: str | Path = SHIPPED) -> list[Message]:
    """Reads every ``*.jsonl`` of a folder.

    Args:
        folder: Rows of ``text``, ``level`` and ``kind``, one file a writer.

    Returns:
        The messages, by writer, in the order of the files.

    Raises:
        InputError: There is no file, or a row is wrong; names file and line.

    Example:
        >>> {message.kind for message in load()} == set(KINDS)
        True
    """
    files = sorted(Path(folder).glob("*.jsonl"))
    if not files:
        raise InputError(f"{folder}: no *.jsonl with messages")
    return [message for file in files for message in _read(file)]


def split(messages: Sequence[Message]) -> Split:
    """Messages as texts and one label, whether the level is 2 or more.

    Args:
        messages: N messages.

    Returns:
        The split, its labels (N, 1).
    """
    present = np.array([[message.level >= AT_RISK] for message in messages], dtype=bool)
    return Split([message.text for message in messages], present.reshape(-1, 1))


def _read(file: Path) -> list[Message]:
    found = []
    for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
        if line.strip():
            found.append(_message(line, f"{file}:{number}", file.stem))
    return found


def _message(line: bytes, where: str, writer: str) -> Message:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: no JSON ({error.msg})") from None
    except UnicodeDecodeError:
        raise InputError(f"{where}: not UTF-8") from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: a message is an object with text, level and kind")
    text, level, kind = (row.get(key) for key in ("text", "level", "kind"))
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where}: text: expected a text")
    if (
        type(level) is not int
        or level not in range(5)
        or kind not in KINDS
        or (kind == "none") != (level < AT_RISK)
    ):
        raise InputError(
            f"{where}: level is 0 to 4, and kind is none below {AT_RISK}, explicit or coded above"
        )
    return Message(text, level, kind, writer)
