"""All of a recipe's schema, as text that is the same for the same versions."""

from __future__ import annotations

import json
from importlib.metadata import version

from emp_tooling.schema import axolotl, empathy, integrations
from emp_tooling.schema.walk import Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMMENT = (
    "Made by `emp schema` from the pinned Axolotl, whose own descriptions of its keys it quotes "
    "(Apache License 2.0); do not edit it."
)


def schema() -> Schema:
    """The schema of a recipe for the installed Axolotl.

    Returns:
        A JSON Schema (draft 2020-12). ``x-plugin`` lists the plugins that a key needs,
        ``x-instead`` what replaces a deprecated key, ``x-dropped`` what to do instead of a key
        that has no effect, ``x-removed`` that Axolotl refuses it: ``set`` whatever its value,
        ``on`` unless it is false or empty. ``x-words`` says a pattern in words.
    """
    root = axolotl.schema()
    definitions = root["$defs"]
    root["properties"] |= {
        **integrations.properties(definitions),
        "empathy": empathy.schema(definitions),
    }
    return {
        **root,
        "$schema": DIALECT,
        "$id": "recipe.schema.json",
        "$comment": COMMENT,
        "title": "Recipe",
        "description": "A run of Axolotl, with the rewards of empathy-recipes.",
        "x-axolotl-version": version("axolotl"),
    }


def text() -> str:
    """The schema as JSON with sorted keys and a newline at the end."""
    return json.dumps(schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
