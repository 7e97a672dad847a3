"""Ways through a JSON Schema, and what every part of ours has in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

MAPS = ("properties", "$defs", "patternProperties")
LISTS = ("anyOf", "allOf", "oneOf", "prefixItems")
SINGLE = ("items", "additionalProperties", "not", "if", "then", "else")
NULL = {"type": "null"}


def subschemas(schema: Schema) -> Iterator[Schema]:
    """The schema and every schema inside of it, outermost first.

    Args:
        schema: A JSON Schema; what is yielded may be changed in place.

    Yields:
        Each schema.

    Example:
        >>> nested = {"properties": {"title": {"type": "string"}}, "title": "A"}
        >>> [part.get("type") for part in subschemas(nested)]
        [None, 'string']
    """
    yield schema
    for key in MAPS:
        for part in schema.get(key, {}).values():
            yield from subschemas(part)
    for key in LISTS:
        for part in schema.get(key, ()):
            yield from subschemas(part)
    for key in SINGLE:
        if isinstance(schema.get(key), dict):
            yield from subschemas(schema[key])


def tidy(schema: Schema) -> Schema:
    """Makes a model's schema strict and leaves out what says nothing.

    Args:
        schema: What pydantic generated; changed in place.

    Returns:
        The same schema. Objects with named properties take no others, ``Any`` is the empty schema,
        and titles, which repeat the name, are gone.
    """
    for part in subschemas(schema):
        part.pop("title", None)
        if "help" in part:
            part["description"] = part.pop("help")
        if "properties" in part:
            part.setdefault("additionalProperties", False)
        if {} in part.get("anyOf", ()):
            del part["anyOf"]
    return schema


def hoist(schema: Schema, definitions: Schema) -> Schema:
    """Moves a schema's definitions to where all of them stand.

    Args:
        schema: A schema with or without ``$defs``.
        definitions: Where they go; changed in place.

    Returns:
        The schema without them.

    Raises:
        ValueError: Two models of one name differ.
    """
    for name, part in schema.pop("$defs", {}).items():
        if definitions.setdefault(name, part) != part:
            raise ValueError(f"two models are called {name}; rename ours")
    return schema


def reference(name: str) -> Schema:
    """A reference to a definition.

    Example:
        >>> reference("SFTDataset")
        {'$ref': '#/$defs/SFTDataset'}
    """
    return {"$ref": f"#/$defs/{name}"}


def optional(schema: Schema) -> Schema:
    """The schema, or null.

    Example:
        >>> optional({"type": "string"})
        {'anyOf': [{'type': 'string'}, {'type': 'null'}]}
    """
    return {"anyOf": [schema, NULL]}


def when(key: str, values: list[str], then: Schema, otherwise: Schema) -> Schema:
    """A schema that depends on the value of one key.

    Args:
        key: The key.
        values: Its values for which ``then`` holds.
        then: The one schema.
        otherwise: The other, also where the key is absent.

    Returns:
        The conditional schema.
    """
    condition = {"properties": {key: {"enum": values}}, "required": [key]}
    return {"if": condition, "then": then, "else": otherwise}


def described(schema: Schema, description: str | None) -> Schema:
    """The schema with a description, where there is one to give."""
    return {**schema, "description": description} if description else schema


def undescribed(schema: Any, names: bool = False) -> Any:
    """A copy of a schema without any description.

    Args:
        schema: The schema, or a part of one.
        names: Whether the keys of this part are names that the schema defines, one of which may
            well be ``description``.

    Returns:
        The copy.

    Example:
        >>> undescribed({"description": "a", "properties": {"description": {"title": "b"}}})
        {'properties': {'description': {'title': 'b'}}}
    """
    if isinstance(schema, list):
        return [undescribed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: undescribed(value, not names and key in ("properties", "$defs"))
        for key, value in schema.items()
        if names or key != "description"
    }
