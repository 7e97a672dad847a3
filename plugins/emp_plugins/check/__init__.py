r"""What is wrong with a recipe, found before anything loads.

    >>> from emp_plugins.check import check
    >>> from emp_plugins.check.recipe import Recipe
    >>> text = "base_model: org/name\nlearning_rate: 5.0e-6\noptimzer: adamw_torch\n"
    >>> recipe = Recipe.from_text("a.yml", text)
    >>> for finding in check(recipe):
    ...     if finding.severity == "error":
    ...         print(finding)
    a.yml: datasets: missing; name at least one data set
    a.yml:3:1: optimzer: unknown key; did you mean optimizer?

A new check is one module with ``check(recipe)``, which yields findings, and its line in ``CHECKS``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe

__all__ = ["CHECKS", "DEEP", "SMOKE", "Finding", "Recipe", "check"]

CHECKS = (
    "emp_plugins.check.keys",
    "emp_plugins.check.rewards",
    "emp_plugins.check.monitor",
    "emp_plugins.check.imports",
    "emp_plugins.check.settings.arithmetic",
    "emp_plugins.check.settings.ignored",
    "emp_plugins.check.files",
    "emp_plugins.check.datasets",
    "emp_plugins.check.base_model",
)
"""Modules with ``check(recipe)``; none imports Axolotl, loads a model or asks the network."""

SMOKE = "emp_plugins.check.smoke"
"""Calls the rewards whose judges are at hand; a training run calls them anyway."""

DEEP = "emp_plugins.check.deep"
"""Builds the model without weights and asks Axolotl's validation: tens of seconds of imports."""


def check(recipe: Recipe, checks: Iterable[str] = CHECKS) -> list[Finding]:
    """Everything that is wrong with a recipe.

    Args:
        recipe: The recipe.
        checks: Modules to ask.

    Returns:
        The findings in the order of the file.
    """
    found = [item for name in checks for item in importlib.import_module(name).check(recipe)]
    return sorted(dict.fromkeys(found), key=lambda item: (item.line, item.column, item.key))
