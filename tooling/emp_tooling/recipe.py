"""Recipes as the tools see them: a mapping read from YAML, and the few keys they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emp_plugins.check.recipe import Recipe
from emp_plugins.errors import InputError, kind


def read_recipe(path: str | Path) -> dict[str, Any]:
    """Reads a recipe.

    Args:
        path: A YAML file as ``axolotl train`` takes it.

    Returns:
        Its keys, unchecked.

    Raises:
        InputError: The file cannot be read or holds no mapping.
    """
    return dict(Recipe.read(path).data)


def required(recipe: dict[str, Any], key: str, path: str | Path) -> str:
    """A key that must be there, as text.

    Args:
        recipe: What ``read_recipe`` gave.
        key: Name of the key.
        path: The recipe's file, for the message.

    Returns:
        The value.

    Raises:
        InputError: The key is missing, empty or no text.
    """
    value = recipe.get(key)
    if not isinstance(value, str) or not value:
        raise InputError(f"{path}: {key}: expected a text, got {kind(value)}")
    return value


def block(recipe: dict[str, Any], key: str, path: str | Path) -> dict[str, Any]:
    """A nested block such as ``trl``.

    Args:
        recipe: What ``read_recipe`` gave.
        key: Name of the block.
        path: The recipe's file, for the message.

    Returns:
        The block; empty where the recipe has none.

    Raises:
        InputError: The key holds something else.
    """
    value = recipe.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"{path}: {key}: expected a mapping, got {kind(value)}")
    return value


def relocate(value: Any, old: str, new: str) -> Any:
    """Moves every path in a recipe from one folder to another.

    Args:
        value: A recipe or a part of one.
        old: The folder as the recipe writes it, without a slash at the end.
        new: The folder to write instead.

    Returns:
        A copy in which each text that is ``old`` or begins with ``old/`` begins with ``new``.

    Example:
        >>> relocate({"output_dir": "build/a", "rl": "grpo", "n": 1}, "build", "/tmp/b")
        {'output_dir': '/tmp/b/a', 'rl': 'grpo', 'n': 1}
    """
    if isinstance(value, dict):
        return {key: relocate(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [relocate(item, old, new) for item in value]
    if isinstance(value, str) and (value == old or value.startswith(f"{old}/")):
        return new + value[len(old) :]
    return value
