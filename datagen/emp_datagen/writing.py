"""Rows of any columns into JSONL or Parquet, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from emp_datagen import parquet
from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write

Row = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """What was written: the file, how many rows, and the SHA-256 of its bytes."""

    path: Path
    rows: int
    sha256: str


def write_any(path: str | Path, rows: Iterable[Row]) -> Written:
    """Writes rows as they come; the file appears, whole, when the last one is there.

    Args:
        path: The file; one that exists is replaced. ``.parquet`` is written as Parquet, all else
            as JSONL.
        rows: The rows.

    Returns:
        What was written.

    Raises:
        InputError: A value has no place in a file of this form, or the path is a folder.
        OSError: The file cannot be written; names it.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected a file")
    try:
        with atomic_write(path, "wb") as file:
            if path.suffix == parquet.SUFFIX:
                count = _parquet(path, file, rows)
            else:
                count = _jsonl(path, file, rows)
    except OSError as error:
        # The temporary file's name would mean nothing to the user.
        if error.filename is None or Path(error.filename).name.startswith(f".{path.name}."):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    with path.open("rb") as done:
        return Written(path, count, hashlib.file_digest(done, "sha256").hexdigest())


def _jsonl(path: Path, file: IO[bytes], rows: Iterable[Row]) -> int:
    count = 0
    for row in rows:
        try:
            line = json.dumps(row, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError):
            raise InputError(
                f"{path}: {_no_json(row)}: has no place in JSONL, only in Parquet"
            ) from None
        file.write(line.encode() + b"\n")
        count += 1
    return count


def _no_json(row: Row) -> str:
    """The column that JSON cannot hold."""
    for name, value in row.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            return f"column {name}, {type(value).__name__}"
    return "a column's name"


def _parquet(path: Path, file: IO[bytes], rows: Iterable[Row]) -> int:
    try:
        return parquet.write(file, rows, path.parent)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
