"""Reads what people wrote about texts: a CSV file with a header."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emp_plugins.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Labelled:
    """Distinct texts with their labels.

    Attributes:
        texts: N texts.
        clients: What each answers; empty where that was not asked for.
        labels: (N,) mean of a text's labels, NaN where the file has none.
    """

    texts: list[str]
    clients: list[str]
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)


def read_labels(path: str | Path, *, client: bool = False, label: bool = True) -> Labelled:
    """Reads a CSV file with the columns ``text``, ``label`` and ``client``; others are ignored.

    Args:
        path: UTF-8, with a header.
        client: Whether the column ``client`` must be there; it is not read otherwise.
        label: Whether the column ``label`` must be there; it is not read otherwise.

    Returns:
        Each distinct text (and client) once, in the file's order, with the mean of its
        labels: several people may have labelled it, and no text may stand in two folds.

    Raises:
        InputError: The file, a column or a value is wrong; names file, line and column, and never
            the text itself.
    """
    required = ["text", *(["client"] if client else []), *(["label"] if label else [])]
    found: dict[tuple[str, str], list[float]] = {}
    for where, row in _rows(Path(path), required):
        text = row["text"] or ""
        if not text.strip():
            raise InputError(f"{where}: text: empty")
        values = found.setdefault(((row["client"] or "") if client else "", text), [])
        values.append(_number(row["label"], where) if label else math.nan)
    if not found:
        raise InputError(f"{path}: no row in it")
    return Labelled(
        texts=[text for _, text in found],
        clients=[said for said, _ in found],
        labels=np.array([np.mean(values) for values in found.values()]),
    )


def _rows(path: Path, required: list[str]) -> Iterator[tuple[str, dict[str, str | None]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for name in required:
                if name not in (reader.fieldnames or []):
                    hint = did_you_mean(name, reader.fieldnames or ["none"])
                    raise InputError(f"{path}:1: no column {name!r}; {hint}")
            for row in reader:
                yield f"{path}:{reader.line_num}", row
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: {error}") from None


def _number(value: str | None, where: str) -> float:
    try:
        number = float(value or "")
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{where}: label: {value or ''!r} is not a number")
    return number
