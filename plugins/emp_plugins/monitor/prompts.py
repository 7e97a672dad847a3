"""The held-out prompts that a run is measured on, headed as the run's own prompts are."""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_plugins.affect.state import State, Style, parse, render
from emp_plugins.completion import Template
from emp_plugins.errors import InputError, kind
from emp_plugins.measure import AT_RISK
from emp_plugins.messages import Message, with_system

SHIPPED = Path(__file__).with_name("prompts.jsonl")
RISK = range(5)

HEADED_ROWS = 20
"""So many rows of the training data are looked at for a state header."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Prompts:
    """A file of prompts and what was taken from it.

    Attributes:
        path: The file.
        sha256: Of its bytes.
        rows: The rows that are measured: ``prompt`` as messages, and their columns.
    """

    path: str
    sha256: str
    rows: tuple[Row, ...]


def load(settings: Any, template: Template, style: Style | None) -> Prompts:
    """Reads and picks the prompts of a run.

    Args:
        settings: The ``monitor:`` block, a ``MonitorConfig``.
        template: Holds the system prompt.
        style: Header over the last client message of rows that have a state and no header.

    Returns:
        The prompts, the same ones for the same file and ``n``.

    Raises:
        InputError: The file is missing or a row of it is wrong.
    """
    path = Path(settings.prompts) if settings.prompts else SHIPPED
    rows = [
        {**row, "prompt": headed(with_system(row["prompt"], template), row.get("state"), style)}
        for row in choose(read_prompts(path), settings.n)
    ]
    name = path.name if path == SHIPPED else str(path)
    return Prompts(name, hashlib.sha256(path.read_bytes()).hexdigest(), tuple(rows))


def read_prompts(path: str | Path) -> list[Row]:
    """Reads prompts as ``emp-datagen prompts`` writes them.

    Args:
        path: A UTF-8 JSONL file whose rows hold ``prompt``, a text or messages that end with the
            client's; ``persona``, ``risk`` (0 to 4) and ``state`` are used where they are there.

    Returns:
        The rows.

    Raises:
        InputError: ``file:line: what is wrong``, or the file is missing or empty; never the text.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    rows = []
    for number, line in enumerate(raw.split(b"\n"), 1):
        if line.strip():
            try:
                rows.append(_checked(_json(line)))
            except InputError as error:
                raise InputError(f"{path}:{number}: {error}") from None
    if not rows:
        raise InputError(f"{path}: no prompts in it")
    return rows


def choose(rows: Sequence[Row], n: int) -> list[Row]:
    """Picks rows that stand for all: every persona as often as the others, risk as often as in all.

    Args:
        rows: Prompt rows; ``persona`` and ``risk`` are used where they are there.
        n: How many.

    Returns:
        The rows in their old order; all of them where there are no more than ``n``. The same rows
        give the same choice.

    Example:
        >>> rows = [{"persona": name} for name in "aaaabb"]
        >>> [row["persona"] for row in choose(rows, 4)]
        ['a', 'a', 'b', 'b']
    """
    if n >= len(rows):
        return list(rows)
    order = list(range(len(rows)))
    random.Random(0).shuffle(order)
    risky = [index for index in order if (rows[index].get("risk") or 0) >= AT_RISK]
    others = [index for index in order if index not in set(risky)]
    quota = math.ceil(n * len(risky) / len(rows))
    taken: Counter[Any] = Counter()
    picked: list[int] = []
    for pool, wanted in ((risky, quota), (others, n - quota)):
        for _ in range(wanted):
            best = min(pool, key=lambda index: taken[rows[index].get("persona")])
            pool.remove(best)
            taken[rows[best].get("persona")] += 1
            picked.append(best)
    return [rows[index] for index in sorted(picked)]


def headed(messages: Sequence[Message], state: Any, style: Style | None) -> list[Message]:
    """Puts the state header over the client's last message, where it has none.

    Args:
        messages: Ends with the client's message.
        state: The row's ``state`` column, or None.
        style: Of the header; None for no header.

    Returns:
        The messages.

    Example:
        >>> state = State({"diagnosis": "MDD"}, (), (0, -0.6, 0, 0)).to_row()
        >>> headed([{"role": "user", "content": "I hate it."}], state, "short")[0]["content"]
        '[STATE: MDD, Low-Temper] Patient: I hate it.'
    """
    *before, last = messages
    if style is None or not state or parse(last["content"])[0]:
        return list(messages)
    return [*before, {**last, "content": render(State.from_row(state), last["content"], style)}]


def header_style(recipe: Mapping[str, Any]) -> Style | None:
    """How the training data of a recipe heads the client's last message.

    Args:
        recipe: The recipe as read from YAML.

    Returns:
        The style of the first header in the first rows of the first JSON Lines file among
        ``datasets``; None where those rows have none, or no such file is there.
    """
    for entry in recipe.get("datasets") or ():
        path = Path(str(entry.get("path") or "")) if isinstance(entry, Mapping) else Path()
        if path.is_file() and path.suffix in (".jsonl", ".json"):
            headers = (parse(text)[0] for text in _client_texts(path))
            return next((header.style for header in headers if header), None)
    return None


def _client_texts(path: Path) -> Iterator[str]:
    """The last client message of each of the first rows that are lines of JSON."""
    with path.open("rb") as file:
        for _, line in zip(range(HEADED_ROWS), file, strict=False):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            said = row.get("prompt") or row.get("messages") if isinstance(row, dict) else None
            if isinstance(said, str):
                yield said
            elif isinstance(said, list):
                yield next((_content(item) for item in reversed(said) if _from_client(item)), "")


def _from_client(item: Any) -> bool:
    return isinstance(item, dict) and item.get("role") == "user"


def _content(item: Mapping[str, Any]) -> str:
    return str(item.get("content") or "")


def _json(line: bytes) -> Row:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON at column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise InputError("not JSON: nested too deep") from None
    if not isinstance(row, dict):
        raise InputError(f"expected an object, got {kind(row)}")
    return row


def _checked(row: Row) -> Row:
    if "prompt" not in row:
        raise InputError("prompt: missing; `emp-datagen prompts --split heldout` makes such rows")
    said, risk = row["prompt"], row.get("risk")
    if not said or not (isinstance(said, str) or _is_talk(said)):
        raise InputError("prompt: expected a text, or messages of which the client's is the last")
    if risk is not None and (isinstance(risk, bool) or risk not in RISK):
        raise InputError(f"risk: expected a level from 0 to 4, got {kind(risk)}")
    if row.get("state") is not None:
        State.from_row(row["state"])
    return row


def _is_talk(said: Any) -> bool:
    return (
        isinstance(said, list)
        and all(isinstance(item, dict) and isinstance(item.get("content"), str) for item in said)
        and all(isinstance(item.get("role"), str) for item in said)
        and said[-1]["role"] == "user"
    )
