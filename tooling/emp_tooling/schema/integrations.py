"""The keys that Axolotl's bundled integrations add, and which plugin each of them needs."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from emp_tooling.schema.pydantic_schema import generate
from emp_tooling.schema.walk import Schema, hoist, subschemas

HOOK = "get_input_args"


class Integration(NamedTuple):
    """A plugin that ships with Axolotl.

    Attributes:
        plugin: The name under which ``plugins:`` lists it.
        arguments: Name of the class with its keys.
        file: Where that class stands.
    """

    plugin: str
    arguments: str
    file: Path


def find() -> list[Integration]:
    """The integrations that add keys, by their source alone: some need packages that are missing.

    Returns:
        One entry a plugin, sorted.
    """
    import axolotl.integrations

    folder = Path(axolotl.integrations.__path__[0])
    found = []
    for file in sorted(folder.glob("*/*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            arguments = _arguments(node) if isinstance(node, ast.ClassDef) else ""
            if arguments:
                name = f"axolotl.integrations.{file.parent.name}.{node.name}"
                found.append(Integration(name, arguments, file.with_name("args.py")))
    return sorted(found)


def properties(definitions: Schema) -> Schema:
    """The keys of all integrations, each marked with its plugins.

    The descriptions are left out: the integrations stand under a license of their own.

    Args:
        definitions: Where the schemas of nested models go; changed in place.

    Returns:
        Key to schema, with ``x-plugin``.
    """
    merged: Schema = {}
    for integration in find():
        schema = generate(_model(integration))
        for part in subschemas(schema):
            part.pop("description", None)
        for name, part in hoist(schema, definitions)["properties"].items():
            plugins = [*merged.get(name, {}).get("x-plugin", ()), integration.plugin]
            needs = f"Needs the plugin {' or '.join(plugins)}."
            merged[name] = {**part, "x-plugin": plugins, "description": needs}
    return merged


def _arguments(plugin: ast.ClassDef) -> str:
    """Class name in the text that a plugin's hook returns; empty where it has no such hook."""
    for method in plugin.body:
        if isinstance(method, ast.FunctionDef) and method.name == HOOK:
            for node in ast.walk(method):
                if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant):
                    return str(node.value.value or "").rpartition(".")[2]
    return ""


def _model(integration: Integration) -> type[BaseModel]:
    """The class, loaded from its own file: its package would import what may be missing."""
    name = f"_axolotl_{integration.file.parent.name}_args"
    spec = importlib.util.spec_from_file_location(name, integration.file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = getattr(module, integration.arguments)
    model.model_rebuild(_types_namespace=vars(module))
    return model
