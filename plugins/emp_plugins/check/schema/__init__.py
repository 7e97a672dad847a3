"""The committed JSON Schema of a recipe; ``emp schema`` writes it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("recipe.schema.json")


@cache
def load() -> dict[str, Any]:
    """The schema, read once; nobody may change it.

    Example:
        >>> load()["properties"]["micro_batch_size"]["anyOf"][0]
        {'type': 'integer'}
    """
    return json.loads(FILE.read_text(encoding="utf-8"))


def axolotl_version() -> str:
    """The version of Axolotl that the schema was made from.

    Example:
        >>> axolotl_version()
        '0.19.0'
    """
    return load()["x-axolotl-version"]
