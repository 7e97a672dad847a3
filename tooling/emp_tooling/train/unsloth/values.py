"""Values of a recipe as Axolotl reads them, which is as pydantic does."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from emp_plugins.check.schema import load
from emp_plugins.check.schema.lax import KINDS
from emp_plugins.check.schema.words import branches


def as_read(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Turns text into the number or truth value that Axolotl takes it for.

    YAML itself makes such text: it takes ``1e-3``, without a point, for a string.

    Args:
        recipe: The recipe's keys.

    Returns:
        A copy. What is neither, or may be text, is as it was.

    Example:
        >>> as_read({"weight_decay": "1e-3", "wandb_name": "7", "trl": {"beta": "4e-2"}})
        {'weight_decay': 0.001, 'wandb_name': '7', 'trl': {'beta': 0.04}}
    """
    found = _block(recipe, load()["properties"])
    if isinstance(found.get("trl"), Mapping):
        found["trl"] = _block(found["trl"], load()["$defs"]["TRLConfig"]["properties"])
    return found


def _block(block: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _value(value, properties.get(key, {})) for key, value in block.items()}


def _value(value: Any, schema: Mapping[str, Any]) -> Any:
    allowed = {part.get("type"): part for part in branches(schema)}
    if isinstance(value, list) and "array" in allowed:
        return [_value(item, allowed["array"].get("items", {})) for item in value]
    text = allowed.get("string")
    if not isinstance(value, str) or (text and not {"const", "enum"} & text.keys()):
        return value
    for name in (name for name in KINDS if name in allowed):
        with contextlib.suppress(ValidationError):
            return _adapter(KINDS[name]).validate_python(value)
    return value


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
