"""JSONL by the dataset contract: every line is checked, when it is read and when it is written."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from emp_datagen import parquet
from emp_datagen.writing import Row, Written, write_any
from emp_plugins.errors import InputError

Kind = Literal["pair", "prompt", "group", "kto", "dialogue"]
_SCHEMAS = Path(__file__).parent / "schemas"


def schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of row.

    Example:
        >>> "chosen" in schema("pair")["required"]
        True
    """
    return json.loads((_SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))


def mistake(row: Any, kind: Kind) -> str | None:
    """What is wrong with a row, as ``field: what``, or None.

    Example:
        >>> mistake([], "pair")
        'expected an object'
    """
    if not isinstance(row, dict):
        return "expected an object"
    if _fast(kind).is_valid(row):
        return None
    from jsonschema.exceptions import best_match

    errors = list(_validator(kind).iter_errors(row))
    if not errors:
        return "breaks the schema"

    error = best_match(errors)
    place = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return f"{place}.{missing}: missing".lstrip(".")
    if error.validator == "additionalProperties":
        extra = next(name for name in error.instance if name not in error.schema["properties"])
        return f"{place}.{extra}: unknown field".lstrip(".")
    message = error.message if len(error.message) <= 160 else f"…{error.message[-157:]}"
    return f"{place}: {message}"


def write_rows(path: str | Path, rows: Iterable[Row], kind: Kind) -> Written:
    """Writes rows as they come; the file appears, whole, when the last one is there.

    Args:
        path: The file, Parquet where its name ends so, else JSONL; one that exists is replaced.
        rows: The rows.
        kind: Which schema they must meet.

    Returns:
        What was written.

    Raises:
        InputError: A row breaks the schema, or the path is a folder; nothing is left behind.
        OSError: The file cannot be written; names it.
    """
    return write_any(path, _valid(rows, kind))


def _valid(rows: Iterable[Row], kind: Kind) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if wrong := mistake(row, kind):
            raise InputError(f"row {row.get('id', count)}: {wrong}")
        yield row


def read_rows(path: str | Path, kind: Kind) -> list[Row]:
    """Reads and checks a JSONL file.

    Args:
        path: The file; blank lines are skipped.
        kind: Which schema the rows must meet.

    Returns:
        The rows.

    Raises:
        InputError: ``file:line: field: what is wrong``, or the file is missing or empty.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            rows = [checked(path, number, raw, kind) for number, raw in lines(file)]
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder, expected a file") from None
    if not rows:
        raise InputError(f"{path}: empty, expected one JSON object a line")
    return rows


def read_any(path: str | Path) -> Iterator[Row]:
    """Reads a JSONL or Parquet file of any columns, row by row.

    Args:
        path: The file; ``.parquet`` is read as Parquet, all else as JSONL.

    Yields:
        The rows.

    Raises:
        InputError: ``file:line: what is wrong``, or the file is missing.
    """
    path = Path(path)
    if path.suffix == parquet.SUFFIX:
        yield from parquet.read(path)
        return
    try:
        with path.open("rb") as file:
            for number, raw in lines(file):
                yield checked(path, number, raw, None)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder, expected a file") from None


def lines(file: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that are not blank, with their numbers."""
    for number, raw in enumerate(file, 1):
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.strip():
            yield number, raw


def checked(path: Path, number: int, raw: bytes, kind: Kind | None) -> Row:
    """The object of one line.

    Raises:
        InputError: ``file:line: what is wrong``.
    """
    try:
        row = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        wrong = mistake(row, kind) if kind else None
        if not isinstance(row, dict):
            wrong = "expected an object"
    except UnicodeDecodeError as error:
        wrong = f"not UTF-8 at byte {error.start}"
    except json.JSONDecodeError as error:
        wrong = f"not JSON at column {error.colno}: {error.msg}"
    except (ValueError, RecursionError) as error:
        wrong = f"not JSON: {error}"
    if wrong:
        raise InputError(f"{path}:{number}: {wrong}")
    return row


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


@functools.cache
def _fast(kind: Kind) -> Any:
    """The same check in a few microseconds, without a message that helps."""
    import jsonschema_rs

    return jsonschema_rs.validator_for(schema(kind))


@functools.cache
def _validator(kind: Kind) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema(kind))
