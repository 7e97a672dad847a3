"""The first rows of a data file, with the line that each stands in."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROWS = 100
"""How many rows are read."""

MOST_BYTES = 64_000_000
"""Of a larger file only this much is looked through for lines that are no JSON."""

KINDS = {
    ".json": "json",
    ".jsonl": "json",
    ".csv": "csv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".txt": "text",
}
"""Suffix -> the ``ds_type`` that reads it."""


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        place: Where it stands: ``FILE:LINE``, or ``FILE: row N`` in a binary file.
        values: Column name to value.
    """

    place: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """What was read of a file.

    Attributes:
        rows: At most the first ``ROWS`` rows.
        fault: Why the file cannot be read, with its place; empty where it can.
        unread: Why it was not looked into, though it may be right; empty where it was.
    """

    rows: list[Row] = field(default_factory=list)
    fault: str = ""
    unread: str = ""


class Unreadable(Exception):
    """A place in a file that cannot be read; the text is the message."""


def read(path: Path, kind: str) -> Table:
    """Reads the first rows of a file.

    Args:
        path: A file that exists.
        kind: ``json`` (lines of objects, or one list of them), ``csv``, ``parquet`` or ``arrow``.

    Returns:
        The rows, or what is wrong. JSON and CSV are looked through to ``MOST_BYTES``.
    """
    if path.stat().st_size == 0:
        return Table(fault=f"{path}: the file is empty")
    if kind not in READERS:
        return Table(unread=f"{path}: rows not checked: only JSON, CSV, Parquet and Arrow are read")
    rows: list[Row] = []
    try:
        for number, row in enumerate(READERS[kind](path)):
            if number < ROWS:
                rows.append(row)
    except Unreadable as error:
        return Table(rows, fault=str(error))
    except OSError as error:
        return Table(fault=f"{path}: cannot be read ({error.strerror})")
    except ImportError as error:
        return Table(unread=f"{path}: rows not checked: pip install {error.name}")
    return Table(rows, fault="" if rows else f"{path}: no rows in it")


def _json(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        start = file.read(4096).lstrip()
    return _json_list(path) if start.startswith(b"[") else _json_lines(path)


def _json_lines(path: Path) -> Iterator[Row]:
    seen = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            seen += len(line)
            if seen > MOST_BYTES:
                return
            if line.strip():
                yield Row(f"{path}:{number}", _object(f"{path}:{number}", line))


def _object(place: str, line: bytes) -> Mapping[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable(f"{place}: not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"{place}: not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise Unreadable(f"{place}: not JSON: nested too deep") from None
    if not isinstance(row, dict):
        raise Unreadable(f"{place}: expected an object, got {type(row).__name__}")
    return row


def _json_list(path: Path) -> Iterator[Row]:
    """The objects of one list, decoded one by one so that each has its line."""
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    try:
        text = raw[:MOST_BYTES].decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        if error.start < MOST_BYTES - 4:
            line = raw.count(b"\n", 0, error.start) + 1
            raise Unreadable(f"{path}:{line}: not UTF-8 at byte {error.start}") from None
        text = raw[: error.start].decode("utf-8")
    decoder, position, line = json.JSONDecoder(), text.index("[") + 1, 1
    counted = 0
    for _ in range(ROWS):
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        if position >= len(text) or text[position] == "]":
            return
        line, counted = line + text.count("\n", counted, position), position
        try:
            row, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise Unreadable(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
        except RecursionError:
            raise Unreadable(f"{path}:{line}: not JSON: nested too deep") from None
        if not isinstance(row, dict):
            raise Unreadable(f"{path}:{line}: expected an object, got {type(row).__name__}")
        yield Row(f"{path}:{line}", row)


def _csv(path: Path) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            line = 2
            for number, values in enumerate(reader):
                if number >= ROWS:
                    return
                if None in values:
                    raise Unreadable(f"{path}:{line}: more cells than the header has")
                yield Row(f"{path}:{line}", {key: _cell(text) for key, text in values.items()})
                line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: not UTF-8 at byte {error.start}") from None
    except csv.Error as error:
        raise Unreadable(f"{path}: not CSV: {error}") from None


def _cell(text: str | None) -> Any:
    """A cell as pandas reads it, which fills in booleans and whole numbers."""
    if not text:
        return None
    if text in ("True", "true", "TRUE", "False", "false", "FALSE"):
        return text.lower() == "true"
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            batches = list(_first(file.iter_batches(batch_size=ROWS)))
    except (pyarrow.ArrowException, OSError) as error:
        raise Unreadable(f"{path}: no Parquet file ({type(error).__name__})") from None
    return _numbered(path, batches)


def _arrow(path: Path) -> Iterator[Row]:
    import pyarrow

    try:
        with pyarrow.memory_map(str(path)) as source:
            try:
                batches = list(_first(pyarrow.ipc.open_stream(source)))
            except pyarrow.ArrowInvalid:
                reader = pyarrow.ipc.open_file(source)
                batches = [reader.get_batch(0)] if reader.num_record_batches else []
            return _numbered(path, batches)
    except (pyarrow.ArrowException, OSError) as error:
        raise Unreadable(f"{path}: no Arrow file ({type(error).__name__})") from None


def _first(batches: Any) -> Iterator[Any]:
    for batch in batches:
        yield batch
        return


def _numbered(path: Path, batches: list[Any]) -> Iterator[Row]:
    rows = [row for batch in batches for row in batch.slice(0, ROWS).to_pylist()]
    return iter([Row(f"{path}: row {number}", row) for number, row in enumerate(rows, 1)])


READERS: Mapping[str, Callable[[Path], Iterator[Row]]] = {
    "json": _json,
    "csv": _csv,
    "parquet": _parquet,
    "arrow": _arrow,
}
