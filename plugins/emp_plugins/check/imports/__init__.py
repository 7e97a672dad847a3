"""Plugins, functions and dataset types that Axolotl would not find, and absent packages."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emp_plugins.check.finding import Finding, nearest
from emp_plugins.check.imports.dataset_types import check_types
from emp_plugins.check.imports.functions import GIVEN, from_here, named
from emp_plugins.check.imports.modules import installed, missing_imports, module_file, module_names
from emp_plugins.check.imports.packages import missing_packages
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.check.settings.arithmetic.rewards import gated
from emp_plugins.registration import function_fault
from emp_plugins.reward_funcs import PLUGIN_NAMES, import_function

INTEGRATIONS = "axolotl.integrations."


def check(recipe: Recipe) -> Iterator[Finding]:
    """Names of Python objects that do not resolve; nothing of Axolotl is imported.

    Args:
        recipe: The recipe. The user's reward functions and transforms are imported for real, from
            the working folder, as training would.

    Yields:
        An error for each name, a note for each package that is not installed here.
    """
    with from_here():  # and not around a yield, where the caller's prints would go astray
        found = [*_plugins(recipe), *_functions(recipe), *check_types(recipe)]
    yield from found
    yield from missing_packages(recipe)


def _plugins(recipe: Recipe) -> Iterator[Finding]:
    entries = recipe.get("plugins")
    for index, name in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(name, str):
            yield from _plugin(recipe, ("plugins", index), name)


def _functions(recipe: Recipe) -> Iterator[Finding]:
    for key, name in named(recipe):
        yield from _function(recipe, key, name)


def _plugin(recipe: Recipe, key: KeyPath, name: str) -> Iterator[Finding]:
    """Axolotl prints a plugin that cannot be imported and goes on without it."""
    module, _, attribute = name.rpartition(".")
    if name.split(".")[0] == "emp_plugins" or not module:
        if name not in PLUGIN_NAMES:
            message = f"{name}: no such plugin"
            near = nearest(attribute, ("EmpathyPlugin",))
            hint = f"did you mean {PLUGIN_NAMES[0]}?" if near else "write module.ClassName"
            yield recipe.finding(key, message, suggestion=hint)
        return
    file = module_file(module) or module_file(INTEGRATIONS + module)
    if file is None:
        yield from _no_module(recipe, key, module)
        return
    names = module_names(file)
    if names is not None and attribute not in names:
        message = f"{name}: {module} has no {attribute}"
        yield recipe.finding(key, message, suggestion=_near_class(module, attribute, names))
        return
    for package in missing_imports(file):
        message = f"{name}: imports {package}, which is not installed; Axolotl would go on without"
        yield recipe.finding(key, message, suggestion=f"pip install {package}")


def _no_module(recipe: Recipe, key: KeyPath, module: str) -> Iterator[Finding]:
    if module.startswith("axolotl.") and not installed("axolotl"):
        yield recipe.finding(key, "not checked: Axolotl is not installed here", severity="note")
        return
    near = nearest(module, ("emp_plugins", *_integrations()))
    hint = near or "run from the folder that holds it, or install it"
    yield recipe.finding(
        key, f"{module}: no such module; Axolotl would go on without it", suggestion=hint
    )


def _integrations() -> list[str]:
    package = module_file("axolotl.integrations")
    if package is None:
        return []
    folders = [item.parent.name for item in package.parent.glob("*/__init__.py")]
    return [INTEGRATIONS + name for name in folders]


def _near_class(module: str, attribute: str, names: set[str]) -> str:
    near = nearest(attribute, sorted(names))
    return near.replace("mean ", f"mean {module}.") if near else "write module.ClassName"


def _function(recipe: Recipe, key: KeyPath, name: str) -> Iterator[Finding]:
    fault = function_fault(name, gated(recipe))
    if fault:
        yield recipe.finding(key, f"{name}: {fault}", suggestion=_near_function(name))
    elif "." in name and "/" not in name:
        yield from _signature(recipe, key, name, import_function(name))
    elif "/" not in name:
        message = f"{name}: Axolotl takes a name without a dot for a reward model on the hub"
        yield recipe.finding(
            key, message, severity="warning", suggestion="write module.function for your own"
        )


def _near_function(name: str) -> str:
    module, _, attribute = name.rpartition(".")
    file = module_file(module) if module else None
    if module and file is None:
        beside = nearest(module, sorted(path.stem for path in Path().glob("*.py")))
        return beside.replace("?", f".{attribute}?")
    names = module_names(file) if file else None
    near = "" if attribute in (names or ()) else nearest(attribute, sorted(names or ()))
    return near.replace("mean ", f"mean {module}.")


def _signature(recipe: Recipe, key: KeyPath, name: str, function: Any) -> Iterator[Finding]:
    """TRL passes everything by name, and more than a function with fixed parameters can take."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return
    kinds = {parameter.kind for parameter in parameters}
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        taken = ", ".join(one for one in GIVEN[2:6] if one not in {p.name for p in parameters})
        message = f"{name} takes no **columns, and TRL passes every column and {taken or 'more'}"
        yield recipe.finding(key, message, suggestion="add **columns to its parameters")
    elif len(parameters) < 2:
        message = f"{name} has one parameter; Axolotl wants prompts and completions at least"
        yield recipe.finding(key, message, suggestion="def fn(prompts, completions, **columns)")
