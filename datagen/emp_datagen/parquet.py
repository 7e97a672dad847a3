"""Parquet beside JSONL: written in batches, read row by row, memory flat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError

SUFFIX = ".parquet"
"""How the name of a Parquet file ends."""

BATCH = 2000
"""Rows of one row group; the types of the columns come from the first ones."""

Row = dict[str, Any]


def write(file: Any, rows: Iterable[Row]) -> int:
    """Writes rows as Parquet.

    Args:
        file: A binary file that is open for writing.
        rows: Rows with the same columns.

    Returns:
        How many.

    Raises:
        InputError: pyarrow is missing, or a later row has another form than the first ones.
    """
    pa, pq = _arrow()
    rows, count, writer = iter(rows), 0, None
    schema = None
    while batch := list(islice(rows, BATCH)):
        try:
            table = pa.Table.from_pylist(batch, schema=schema)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise InputError(f"rows {count} to {count + len(batch)}: {error}") from None
        if writer is None:
            schema = table.schema
            writer = pq.ParquetWriter(file, schema, compression="zstd")
        writer.write_table(table)
        count += len(batch)
    if writer is None:
        pq.write_table(pa.table({}), file)
    else:
        writer.close()
    return count


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
