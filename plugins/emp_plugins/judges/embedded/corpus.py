"""Reads a folder of labelled texts: what judges are trained and measured on.

The folder holds ``labels.txt``, one label a line, and ``train.tsv``, ``dev.tsv``, ``test.tsv``
without a header: text, comma-separated label positions, comment id, separated by tabs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emp_plugins.errors import InputError


@dataclass(frozen=True)
class Split:
    """Texts and their labels.

    Attributes:
        texts: N strings.
        present: (N, K) bool, whether a label was given to a text.
    """

    texts: list[str]
    present: np.ndarray


def read_labels(folder: str | Path) -> tuple[str, ...]:
    """Reads ``labels.txt``.

    Args:
        folder: The data folder.

    Returns:
        The labels in order of their position.

    Raises:
        InputError: The folder or the file is missing, a label is repeated, or there is none.
    """
    path = Path(folder) / "labels.txt"
    labels = tuple(line.strip() for line in _text(path).split("\n") if line.strip())
    if not labels:
        raise InputError(f"{path}: no label in it")
    for line, label in enumerate(labels, start=1):
        if label in labels[: line - 1]:
            raise InputError(f"{path}:{line}: {label!r} is repeated")
    return labels


def read_split(folder: str | Path, name: str, labels: tuple[str, ...]) -> Split:
    """Reads one of the three files.

    Args:
        folder: The data folder.
        name: ``"train"``, ``"dev"`` or ``"test"``.
        labels: What ``read_labels`` returned.

    Returns:
        Its texts and labels.

    Raises:
        InputError: The file is missing or empty, or a line is malformed; names file and line.
    """
    path = Path(folder) / f"{name}.tsv"
    # Only \n ends a line: comments hold carriage returns and Unicode line separators.
    lines = _text(path).removesuffix("\n").split("\n")
    if lines == [""]:
        raise InputError(f"{path}: no text in it")
    texts: list[str] = []
    present = np.zeros((len(lines), len(labels)), dtype=bool)
    for row, line in enumerate(lines):
        fields = line.split("\t")
        if len(fields) != 3:
            raise InputError(
                f"{path}:{row + 1}: expected 3 tab-separated fields (text, label positions, id), "
                f"got {len(fields)}"
            )
        present[row, _positions(fields[1], len(labels), f"{path}:{row + 1}")] = True
        texts.append(fields[0])
    return Split(texts, present)


def _positions(field: str, count: int, where: str) -> list[int]:
    positions = []
    for item in field.split(","):
        if not (item.isascii() and item.isdigit() and int(item) < count):
            raise InputError(f"{where}: label positions run from 0 to {count - 1}, got {item!r}")
        positions.append(int(item))
    return positions


def _text(path: Path) -> str:
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder")
    try:
        return path.read_bytes().decode("utf-8")
    except OSError:
        raise InputError(
            f"{path}: no such file; the folder needs labels.txt and three .tsv"
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
