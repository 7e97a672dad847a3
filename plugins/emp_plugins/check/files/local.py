"""Which paths of a recipe mean this machine, and what stands near one that is not there."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from emp_plugins.check.finding import nearest

DATA_SUFFIXES = (".json", ".jsonl", ".csv", ".parquet", ".arrow")
OUTPUT_FOLDERS = ("build", "data", "out", "output", "outputs", "checkpoints", "models")
HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


def is_local(path: str) -> bool:
    """Whether a path can only mean a file or folder of this machine.

    Args:
        path: What the recipe says; a hub id such as ``org/name`` and an address are not local.

    Returns:
        True for what exists here, ends like a data file, begins like a path or with the name of an
        output folder, or cannot be a hub id.

    Example:
        >>> is_local("data/pairs.jsonl"), is_local("org/name"), is_local("s3://bucket/a.jsonl")
        (True, False, False)
    """
    if not path or "://" in path:
        return False
    return (
        path.startswith((".", "/", "~"))
        or path.lower().endswith(DATA_SUFFIXES)
        or path.split("/")[0] in OUTPUT_FOLDERS
        or not HUB_ID.fullmatch(path)
        or os.path.exists(path)  # unlike Path.exists, false for a name that no system takes
    )


def near_path(path: str, others: tuple[str, ...] = ()) -> str:
    """The suggestion that names the nearest thing beside a missing one.

    Args:
        path: A path that does not exist.
        others: Further paths that could have been meant.

    Returns:
        ``did you mean X?``, or an empty text where nothing is near.
    """
    folder, beside = Path(path).parent, []
    with contextlib.suppress(OSError, ValueError):  # no folder, or one that may not be read
        beside = sorted(folder.iterdir())
    names = {item.name: str(folder / item.name) for item in beside if item.name[0] != "."}
    near = nearest(Path(path).name, names)
    if near:
        name = near.removeprefix("did you mean ").removesuffix("?")
        return f"did you mean {names[name]}?"
    return nearest(path, others)
