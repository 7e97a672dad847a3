"""Parquet beside JSONL: written in batches, read row by row, memory flat."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

from emp_plugins.errors import InputError

SUFFIX = ".parquet"
"""How the name of a Parquet file ends."""

BATCH = 1024
"""Rows of one row group."""

Row = dict[str, Any]


def write(file: IO[bytes], rows: Iterable[Row], folder: Path) -> int:
    """Writes rows in two passes: a column's type is known when the last row has been seen.

    Args:
        file: A binary file that is open for writing.
        rows: Rows of any columns.
        folder: Where the rows lie between the passes.

    Returns:
        How many.

    Raises:
        InputError: pyarrow is missing, or a column has several types.
    """
    pa, pq = _arrow()
    schema, count = pa.schema([]), 0
    with tempfile.TemporaryFile(dir=folder) as spool:
        try:
            for batch in _batches(rows):
                table = _table(batch)
                with pa.ipc.new_stream(spool, table.schema) as stream:
                    stream.write_table(table)
                schema = pa.unify_schemas([schema, table.schema], promote_options="permissive")
                count += len(batch)
            spool.seek(0)
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                for _ in range(-(-count // BATCH)):
                    with pa.ipc.open_stream(spool) as stream:
                        held = stream.read_all().to_pylist()
                    writer.write_table(pa.Table.from_pylist(held, schema=schema))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            raise InputError(
                "a column of Parquet has one type in all rows, here one has several; write .jsonl"
            ) from None
    return count


def _table(rows: Sequence[Row]) -> Any:
    pa, _ = _arrow()
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


def read(path: Path) -> Iterator[Row]:
    """Reads rows.

    Args:
        path: A Parquet file.

    Yields:
        The rows.

    Raises:
        InputError: The file is missing or no Parquet, or pyarrow is missing.
    """
    pa, pq = _arrow()
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except pa.ArrowInvalid:
        raise InputError(f"{path}: is no Parquet file") from None


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise InputError("Parquet needs pyarrow: pip install 'empathy-recipes[datagen]'") from None
    return pyarrow, pyarrow.parquet
