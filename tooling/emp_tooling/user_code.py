"""Where a user's own reward functions are found."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def importable() -> Iterator[None]:
    """Lets modules of the working folder be imported, as under ``axolotl train``.

    Yields:
        Nothing; afterwards the path is as it was.
    """
    folder = os.getcwd()
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
