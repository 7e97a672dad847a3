"""Values of a recipe as Axolotl would read them; what is of a wrong type is another check's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from emp_plugins.check.recipe import KeyPath, Recipe

PROVIDERS = ("nemo_gym", "hatchery")
"""Axolotl's own plugins that bring rewards or data."""


def number(value: Any) -> float | None:
    """A value as a number.

    Args:
        value: What the recipe holds; text counts where it spells a number, as YAML 1.1 reads
            ``5e-6`` as text.

    Returns:
        The number, or None where the value is none or not finite.

    Example:
        >>> number(3), number("5e-6"), number(True), number("x")
        (3, 5e-06, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return (value if isinstance(value, int) else read) if math.isfinite(read) else None


def whole(value: Any, default: int) -> int | None:
    """A value as a whole number.

    Args:
        value: What the recipe holds.
        default: What stands for a missing one.

    Returns:
        The number, or None where the value is no whole number.

    Example:
        >>> whole(None, 1), whole("8", 1), whole(2.5, 1)
        (1, 8, None)
    """
    read = number(default if value is None else value)
    return int(read) if read is not None and read == int(read) else None


def mapping(recipe: Recipe, *path: str) -> Mapping[str, Any]:
    """The block under a path of keys; empty where there is none.

    Example:
        >>> mapping(Recipe("a.yml", {"trl": None}), "trl")
        {}
    """
    value = recipe.get(*path)
    return value if isinstance(value, Mapping) else {}


def processes(recipe: Recipe) -> int:
    """Number of processes that train: Ray's workers, or what the launcher starts.

    Example:
        >>> processes(Recipe("a.yml", {"use_ray": True, "ray_num_workers": 4}))
        4
    """
    if recipe.get("use_ray"):
        return max(1, whole(recipe.get("ray_num_workers"), 1) or 1)
    return max(1, recipe.world_size)


def given(recipe: Recipe, *paths: KeyPath) -> KeyPath:
    """The first of some keys that the recipe holds; the last one where it holds none.

    Args:
        recipe: The recipe.
        *paths: Keys, the likeliest culprit first.

    Returns:
        The key to blame.
    """
    return next((path for path in paths if recipe.get(*path) is not None), paths[-1])


def strangers(recipe: Recipe) -> list[str]:
    """Listed plugins that may bring what the recipe itself lacks, such as data and rewards.

    Example:
        >>> names = ["emp_plugins.EmpathyPlugin", "axolotl.integrations.liger.X", "my.Own"]
        >>> strangers(Recipe("a.yml", {"plugins": names}))
        ['my.Own']
    """
    listed = recipe.get("plugins")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    known = ("emp_plugins.", "axolotl.integrations.")
    return [
        name
        for name in names
        if not name.startswith(known) or any(part in name for part in PROVIDERS)
    ]
