"""What a schema expects and what a recipe gives, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emp_plugins.check.schema import load

TYPES = {
    "string": ("text",),
    "integer": ("a whole number",),
    "number": ("a number",),
    "boolean": ("true", "false"),
    "array": ("a list",),
    "object": ("a mapping",),
}
PLURALS = {
    "string": "texts",
    "integer": "whole numbers",
    "number": "numbers",
    "array": "lists",
    "object": "mappings",
}
FEW = 10
"""Values of an enumeration that a message still lists."""

SHOWN = 40
"""Characters of a value that a message still shows."""


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, or what its ``$ref`` names.

    Example:
        >>> resolved({"$ref": "#/$defs/RLType"})["type"]
        'string'
    """
    while "$ref" in schema:
        schema = load()["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def branches(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The alternatives of a schema, or the schema alone; null is left out."""
    found: list[Mapping[str, Any]] = []
    for part in resolved(schema).get("anyOf", [schema]):
        part = resolved(part)
        found += branches(part) if "anyOf" in part else [part]
    return [part for part in found if part.get("type") != "null"]


def values(schema: Mapping[str, Any]) -> list[Any]:
    """The values that a schema lists, over all of its alternatives.

    Example:
        >>> values({"anyOf": [{"const": "auto"}, {"type": "boolean"}, {"type": "null"}]})
        ['auto']
    """
    listed: list[Any] = []
    for part in branches(schema):
        listed += part.get("enum", [part["const"]] if "const" in part else [])
    return list(dict.fromkeys(listed))


def expected(schema: Mapping[str, Any]) -> str:
    """What a schema wants.

    Example:
        >>> expected({"anyOf": [{"const": "auto"}, {"type": "boolean"}, {"type": "null"}]})
        'auto, true or false'
        >>> expected({"type": "array", "items": {"type": "string"}})
        'a list of texts'
    """
    listed = values(schema)
    open_ended = [part for part in branches(schema) if not {"enum", "const"} & part.keys()]
    kinds = [name for part in open_ended for name in _kind(part)]
    if len(listed) > FEW:
        return alternatives([f"one of {len(listed)} known values", *kinds])
    return alternatives([*map(str, listed), *dict.fromkeys(kinds)])


def got(value: Any) -> str:
    """What a recipe gives.

    Example:
        >>> got("abc"), got(True), got([1]), got(None), got(3)
        ("text 'abc'", 'true', 'a list', 'nothing', '3')
    """
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f"text {value[:SHOWN] + '…' if len(value) > SHOWN else value!r}"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else str(value)


def alternatives(items: Iterable[str]) -> str:
    """The items with commas and a last "or".

    Example:
        >>> alternatives(["a", "b", "c"])
        'a, b or c'
    """
    *first, last = items
    return f"{', '.join(first)} or {last}" if first else last


def _kind(schema: Mapping[str, Any]) -> tuple[str, ...]:
    kind = schema.get("type", "")
    if "x-words" in schema:
        return (schema["x-words"],)
    if "pattern" in schema:
        return (f"text with the form {schema['pattern']}",)
    if kind == "array" and (items := _plural(schema)):
        return (f"a list of {items}",)
    return TYPES.get(kind, ("another value",))


def _plural(schema: Mapping[str, Any]) -> str:
    """What a list holds, where that is one kind of things."""
    items = branches(schema["items"]) if isinstance(schema.get("items"), dict) else []
    kinds = {PLURALS.get(part.get("type", ""), "") for part in items}
    return kinds.pop() if len(kinds) == 1 else ""
