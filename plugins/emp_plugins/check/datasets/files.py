"""Which files of this machine a dataset names, and what is wrong with how it names them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emp_plugins.check.datasets.contracts import family
from emp_plugins.check.datasets.reader import KINDS
from emp_plugins.check.files.local import is_local, near_path
from emp_plugins.check.files.products import absent
from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe

PATTERN = frozenset("*?[")
SAVED = ("state.json", "dataset_dict.json")
"""Files of a folder that ``save_to_disk`` wrote, whose rows are in the Arrow files."""


def check_files(recipe: Recipe, key: KeyPath, entry: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with the paths of a dataset; hub ids and addresses are not looked up.

    Args:
        recipe: The recipe.
        key: Path of the entry of ``datasets``.
        entry: The entry.

    Yields:
        An error, or a note where a command of ours makes the file.
    """
    path = entry.get("path")
    if not isinstance(path, str) or not is_local(path):
        return
    where = (*key, "path")
    if os.path.isdir(path):
        yield from _data_files(recipe, key, entry)
        if not files_of(entry) and not entry.get("data_files"):
            yield recipe.finding(where, f"{path}: no JSON, CSV, Parquet or Arrow file in it")
    elif PATTERN & set(path):
        folder = str(Path(path).parent)
        yield recipe.finding(
            where,
            f"{path}: Axolotl takes no pattern here",
            suggestion=f"set path: {folder} and data_files: [{path}]",
        )
    elif not os.path.exists(path):
        yield absent(recipe, where, path)
    else:
        yield from _kind(recipe, key, entry)


def files_of(entry: Mapping[str, Any]) -> list[Path]:
    """The existing data files of a dataset.

    Args:
        entry: An entry of ``datasets``.

    Returns:
        Its file, those that ``data_files`` names, or those in its folder; none of a hub id.
    """
    named = str(entry.get("path") or "")
    path = Path(named)
    if os.path.isfile(named):
        return [path]
    if not os.path.isdir(named):
        return []
    if entry.get("data_files"):
        return [file for pattern in _patterns(entry) for file in _matching(pattern)]
    found = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    files = sorted(file for file in found if file.suffix.lower() in KINDS)
    saved = any(file.name in SAVED for file in files)
    return [file for file in files if file.suffix == ".arrow"] if saved else files


def kind_of(entry: Mapping[str, Any], file: Path, method: str) -> str:
    """The reader that Axolotl takes for a file.

    Args:
        entry: An entry of ``datasets``.
        file: One of its files.
        method: What ``rl`` says: DPO and KTO datasets have no ``ds_type``.

    Returns:
        ``json``, ``csv``, ``parquet``, ``arrow`` or ``text``.

    Example:
        >>> kind_of({}, Path("a.csv"), "sft"), kind_of({"ds_type": "json"}, Path("a"), "sft")
        ('csv', 'json')
    """
    suffix = KINDS.get(file.suffix.lower(), "json")
    if family(method) in ("dpo", "kto") or not isinstance(entry.get("ds_type"), str):
        return suffix
    return str(entry["ds_type"])


def _kind(recipe: Recipe, key: KeyPath, entry: Mapping[str, Any]) -> Iterator[Finding]:
    file = Path(entry["path"])
    suffix = KINDS.get(file.suffix.lower())
    if suffix and kind_of(entry, file, recipe.method) != suffix:
        yield recipe.finding(
            (*key, "ds_type"),
            f"{entry['ds_type']}, but {file} ends like {suffix}",
            suggestion=f"set ds_type: {suffix}",
        )


def _data_files(recipe: Recipe, key: KeyPath, entry: Mapping[str, Any]) -> Iterator[Finding]:
    """Each pattern must find something from the folder in which training starts."""
    for pattern in _patterns(entry):
        if "://" in pattern or _matching(pattern):
            continue
        inside = Path(entry["path"]) / pattern
        near = f"did you mean {inside}?" if _matching(str(inside)) else near_path(pattern)
        yield recipe.finding(
            (*key, "data_files"), f"{pattern}: no such file from here", suggestion=near
        )


def _patterns(entry: Mapping[str, Any]) -> list[str]:
    named = entry.get("data_files")
    items = named if isinstance(named, list) else [named]
    return [item for item in items if isinstance(item, str)]


def _matching(pattern: str) -> list[Path]:
    if not PATTERN & set(pattern):
        return [Path(pattern)] if os.path.isfile(pattern) else []
    root = Path("/") if pattern.startswith("/") else Path()
    return sorted(path for path in root.glob(pattern.lstrip("/")) if path.is_file())
