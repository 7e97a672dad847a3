"""Labelled replies to measure rewards against: EPITOME's files or any CSV file.

Nothing here keeps or prints what a client wrote: errors name file, line and column.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from emp_plugins.errors import InputError

EPITOME = ("emotional_reactions", "interpretations", "explorations")
"""The mechanisms of EPITOME (Sharma et al. 2020); a file each, with ``-`` for ``_``."""

SHORT = {"emotional_reactions": "reactions"}
"""Second name of a mechanism: that of the part of the ``empathy`` reward."""

RESERVED = ("total",)
"""Keys of the result that are no mechanisms."""

STRONG = 2
"""The highest level: a strong expression."""


@dataclass(frozen=True)
class LabelledRow:
    """One reply with its labels.

    Attributes:
        client: What the client said.
        reply: What a person answered.
        levels: Mechanism to 0 (none), 1 (weak) or 2 (strong).
    """

    client: str = field(repr=False)
    reply: str = field(repr=False)
    levels: Mapping[str, int]


@dataclass(frozen=True)
class LabelledSet:
    """What one ``--labels`` names.

    Attributes:
        name: The folder or file as the user wrote it.
        mechanisms: Names of what was labelled.
        rows: The replies.
    """

    name: str
    mechanisms: tuple[str, ...]
    rows: tuple[LabelledRow, ...]


@dataclass(frozen=True)
class _Label:
    key: tuple[str, ...]
    mechanism: str
    client: str = field(repr=False)
    reply: str = field(repr=False)
    level: float


def read_labels(sources: Sequence[str]) -> list[LabelledSet]:
    """Reads every labelled set.

    Args:
        sources: ``epitome:DIR``, ``csv:FILE`` or ``FILE.csv`` each.

    Returns:
        One set a source, in order.

    Raises:
        InputError: See ``read``; or two sets label the same mechanism.
    """
    sets = [read(source) for source in sources]
    owner: dict[str, str] = {}
    for found in sets:
        for mechanism in found.mechanisms:
            if mechanism in owner:
                raise InputError(
                    f"--labels {found.name}: {mechanism} is also in {owner[mechanism]}; audit "
                    "them one at a time, or name the mechanisms apart"
                )
            owner[mechanism] = found.name
    return sets


def read(source: str) -> LabelledSet:
    """Reads one labelled set.

    ``epitome:DIR`` holds ``emotional-reactions.csv``, ``interpretations.csv`` and
    ``explorations.csv``, joined by ``sp_id`` and ``rp_id``; a pair that was labelled twice is two
    rows. A CSV file has the columns ``client``, ``reply``, ``level`` and, if it likes,
    ``mechanism``; without it the file's name is the mechanism's. Another scale than 0, 1, 2 is cut
    into thirds: 0 up to the 33rd percentile, 2 from the 67th on, so the higher of two levels is 2.

    Args:
        source: Where the labels are.

    Returns:
        The set.

    Raises:
        InputError: Nothing is there, it cannot be read, or a column or value is wrong; names
            file, line and column.
    """
    kind, colon, rest = source.partition(":")
    if colon and kind == "epitome":
        return _epitome(source, Path(rest))
    if colon and kind == "csv":
        return _generic(source, Path(rest))
    if source.endswith(".csv"):
        return _generic(source, Path(source))
    raise InputError(f"--labels {source}: expected epitome:DIR, csv:FILE or FILE.csv")


def _epitome(source: str, folder: Path) -> LabelledSet:
    if not folder.is_dir():
        raise InputError(f"--labels {source}: {folder}: no such folder")
    labels = []
    for mechanism in EPITOME:
        path = folder / f"{mechanism.replace('_', '-')}.csv"
        wanted = ("sp_id", "rp_id", "seeker_post", "response_post", "level")
        for line, row in _rows(path, wanted):
            level = _level(path, line, row["level"])
            if level not in (0, 1, 2):
                raise InputError(f"{path}:{line}: level: expected 0, 1 or 2")
            key = (row["sp_id"], row["rp_id"])
            labels.append(_Label(key, mechanism, row["seeker_post"], row["response_post"], level))
    return _joined(source, labels)


def _generic(source: str, path: Path) -> LabelledSet:
    labels = []
    for line, row in _rows(path, ("client", "reply", "level")):
        mechanism = mechanism_name(row.get("mechanism") or path.stem)
        if not mechanism or mechanism in RESERVED:
            raise InputError(f"{path}:{line}: mechanism: {mechanism!r} is no name for a mechanism")
        for column in ("client", "reply"):
            if not row[column].strip():
                raise InputError(f"{path}:{line}: {column}: is empty")
        key = (row["client"], row["reply"])
        labels.append(_Label(key, mechanism, *key, _level(path, line, row["level"])))
    return _joined(source, _thirds(path, labels))


def mechanism_name(text: str) -> str:
    """The name of a mechanism as the result writes it.

    Args:
        text: For example EPITOME's ``emotional-reactions``.

    Returns:
        Lower case with underscores, short names spelled out.

    Example:
        >>> mechanism_name("Emotional-Reactions"), mechanism_name("reactions")
        ('emotional_reactions', 'emotional_reactions')
    """
    name = "_".join(text.strip().lower().replace("-", " ").replace("_", " ").split())
    return {short: long for long, short in SHORT.items()}.get(name, name)


def _rows(path: Path, wanted: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with the line each begins on."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for column in wanted:
                if column not in (reader.fieldnames or ()):
                    # The first line itself stays out: without a header it is client text.
                    names = ", ".join(wanted)
                    raise InputError(
                        f"{path}:1: no column {column!r}; the first line names {names}"
                    )
            last = reader.line_num
            for row in reader:
                for column in wanted:
                    if row[column] is None:
                        raise InputError(f"{path}:{last + 1}: {column}: is missing")
                yield last + 1, row
                last = reader.line_num
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: not CSV: {error}") from None


def _level(path: Path, line: int, text: str) -> float:
    # The value itself stays out of the message: in a file with shifted columns it is client text.
    try:
        level = float(text)
    except ValueError:
        raise InputError(f"{path}:{line}: level: expected a number") from None
    if not np.isfinite(level):
        raise InputError(f"{path}:{line}: level: expected a finite number")
    return level


def _thirds(path: Path, labels: list[_Label]) -> list[_Label]:
    """Levels as 0, 1 and 2, for each mechanism apart."""
    cut = []
    for mechanism in dict.fromkeys(label.mechanism for label in labels):
        own = [label for label in labels if label.mechanism == mechanism]
        levels = np.array([label.level for label in own])
        if len(set(levels)) < 2:
            raise InputError(
                f"{path}: level: {mechanism} has only one level; nothing to tell apart"
            )
        steps = np.unique(levels)
        if not {0.0, 2.0} <= set(steps) <= {0.0, 1.0, 2.0}:
            low, high = np.quantile(levels, [1 / 3, 2 / 3])
            # With many ties at one end a third can hold the whole scale.
            low, high = min(low, steps[-2]), max(high, steps[1])
            levels = np.where(levels <= low, 0, np.where(levels >= high, STRONG, 1))
        cut += [replace(own[i], level=float(level)) for i, level in enumerate(levels)]
    return cut


def _joined(source: str, labels: Sequence[_Label]) -> LabelledSet:
    if not labels:
        raise InputError(f"--labels {source}: no rows")
    seen: Counter[tuple[object, ...]] = Counter()
    rows: dict[tuple[object, ...], LabelledRow] = {}
    for label in labels:
        seen[label.key, label.mechanism] += 1
        place = (label.key, seen[label.key, label.mechanism])
        known = rows.setdefault(place, LabelledRow(label.client, label.reply, {}))
        levels = {**known.levels, label.mechanism: int(label.level)}
        rows[place] = replace(known, levels=levels)
    mechanisms = tuple(dict.fromkeys(label.mechanism for label in labels))
    return LabelledSet(source, mechanisms, tuple(rows.values()))
