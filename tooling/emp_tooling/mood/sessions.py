"""Conversations in JSONL files: one or many in each, a message or a whole conversation a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from emp_datagen.jsonl import lines
from emp_plugins.errors import InputError
from emp_tooling.mood.rows import SHAPES, Said, read_row


@dataclass(frozen=True)
class Session:
    """One conversation.

    Attributes:
        name: Unique among all that were read.
        said: Its messages, oldest first.
    """

    name: str
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Read:
    """What files hold.

    Attributes:
        sessions: In the order in which they begin.
        broken: How many lines are no JSON, such as the last one of a file that was cut short; they
            were skipped.
    """

    sessions: tuple[Session, ...]
    broken: int


def example() -> Path:
    """The file of ten turns that comes with the package."""
    return Path(str(resources.files(__package__) / "example.jsonl"))


def read_sessions(paths: Sequence[str | Path]) -> Read:
    """Reads files.

    Args:
        paths: UTF-8 JSONL files. Lines with the same ``session`` are one conversation, those
            without one are the conversation of their file.

    Returns:
        The sessions, named after their ``session`` or ``id``, else after the file, and after both
        where several files are read; a file is called by its name without folder and ending, or by
        its path where two share that.

    Raises:
        InputError: ``file:line: field: what is wrong``, or a file is missing or has no message;
            never the text itself.
    """
    found: list[Session] = []
    broken = 0
    names = _names(list(dict.fromkeys(map(Path, paths))))
    for path, name in names.items():
        read = _read(path)
        broken += read.broken
        found += [_renamed(one, path, name) if len(names) > 1 else one for one in read.sessions]
    return Read(tuple(found), broken)


def _read(path: Path) -> Read:
    told: dict[str, list[Said]] = {}
    broken = number = 0
    try:
        with path.open("rb") as file:
            for number, raw in lines(file):
                try:
                    row = json.loads(raw)
                except (ValueError, RecursionError):
                    broken += 1
                    continue
                _add(row, path, number, told)
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"{path}: no such file") from None
    except InputError as error:
        raise InputError(f"{path}:{number}: {error}") from None
    told = {name: said for name, said in told.items() if said}
    if not told:
        noun = "line" if broken == 1 else "lines"
        skipped = f" ({broken} half-written {noun} skipped)" if broken else ""
        raise InputError(f"{path}: no messages{skipped}; a line holds {SHAPES}")
    return Read(tuple(Session(name, tuple(said)) for name, said in told.items()), broken)


def _add(row: object, path: Path, number: int, told: dict[str, list[Said]]) -> None:
    part = read_row(row)
    name = part.session or (f"line {number}" if part.whole else path.stem)
    if part.whole and name in told:
        raise InputError(f"id or session: {name!r} is the name of another conversation above")
    told.setdefault(name, []).extend(part.said)


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    counts = Counter(path.stem for path in paths)
    return {path: path.stem if counts[path.stem] == 1 else str(path) for path in paths}


def _renamed(one: Session, path: Path, name: str) -> Session:
    return Session(name if one.name == path.stem else f"{name}: {one.name}", one.said)
