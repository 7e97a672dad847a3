"""All of a recipe's schema, as text that is the same for the same versions."""

from __future__ import annotations

import json
from importlib.metadata import version

from emp_tooling.schema import axolotl, empathy, integrations
from emp_tooling.schema.walk import Schema, undescribed

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMMENT = "Made by `emp schema` from the pinned Axolotl; do not edit it."
QUOTED = "The descriptions of Axolotl's keys are Axolotl's own (Apache License 2.0)."


def schema(quoting: bool = False) -> Schema:
    """The schema of a recipe for the installed Axolotl.

    Args:
        quoting: Whether to keep Axolotl's own descriptions of its keys, which editors show.

    Returns:
        A JSON Schema (draft 2020-12). ``x-plugin`` lists the plugins that a key needs,
        ``x-instead`` what replaces a deprecated key, ``x-dropped`` what to do instead of a key
        that has no effect, ``x-removed`` that Axolotl refuses it: ``set`` whatever its value,
        ``on`` unless it is false or empty. ``x-words`` says a pattern in words.
    """
    root = axolotl.schema() if quoting else undescribed(axolotl.schema())
    definitions = root["$defs"]
    root["properties"] |= {
        **integrations.properties(definitions),
        "empathy": empathy.schema(definitions),
    }
    return {
        **root,
        "$schema": DIALECT,
        "$id": "recipe.schema.json",
        "$comment": f"{COMMENT} {QUOTED}" if quoting else COMMENT,
        "title": "Recipe",
        "description": "A run of Axolotl, with the rewards of empathy-recipes.",
        "x-axolotl-version": version("axolotl"),
    }


def text(quoting: bool = False) -> str:
    """The schema as JSON with sorted keys and a newline at the end; see ``schema``."""
    return json.dumps(schema(quoting), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
