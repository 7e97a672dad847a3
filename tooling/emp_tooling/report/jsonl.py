"""Lines of JSON of which a killed process may have left half of one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError


def read_objects(path: Path) -> Iterator[dict[str, Any] | None]:
    """Reads a file line by line.

    Args:
        path: The file.

    Yields:
        The object of each line that is not blank; None where there is none.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            for line in file:
                if line.strip():
                    yield _object(line)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
