"""Dataset types that the loader of a method does not know."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from emp_plugins.check.datasets.contracts import OURS, SFT, SFT_OTHERS, family, full_name, types
from emp_plugins.check.finding import Finding, nearest
from emp_plugins.check.imports.modules import module_file
from emp_plugins.check.recipe import KeyPath, Recipe

OF_ONES_OWN = "a type of your own is a module in a package, PACKAGE.MODULE, with a function load"


def check_types(recipe: Recipe) -> Iterator[Finding]:
    """Types that name no transform of ours, of Axolotl's or of the user's.

    Args:
        recipe: The recipe; call this where the user's modules can be imported.

    Yields:
        An error for each.
    """
    for key, entry in recipe.datasets():
        kind = entry.get("type")
        if not isinstance(kind, str) or not kind:
            continue
        where = (*key, "type")
        if kind.split(".")[0] == "emp_plugins":
            yield from _ours(recipe, where, kind)
        elif family(recipe.method) == "sft":
            yield from _strategy(recipe, where, kind)
        elif family(recipe.method) in ("dpo", "grpo", "kto", "orpo"):
            yield from _transform(recipe, where, kind)


def _ours(recipe: Recipe, key: KeyPath, kind: str) -> Iterator[Finding]:
    names = [f"emp_plugins.{name}" for name in OURS]
    if kind.count(".") < 2 and kind not in names:
        yield recipe.finding(key, f"{kind}: no such transform", suggestion=nearest(kind, names))


def _strategy(recipe: Recipe, key: KeyPath, kind: str) -> Iterator[Finding]:
    """An SFT type is a module of Axolotl's, or of the user's, with a function ``load``."""
    base = full_name(kind, "sft").split(".")[0]
    known = {*SFT, *SFT_OTHERS}
    alone = "." not in kind or kind.rpartition(".")[2].startswith("load")
    if base in known and (alone or base in ("bradley_terry", "stepwise_supervised", "messages")):
        return
    if not alone and module_file(kind):
        return
    near = (
        nearest(kind, known) or nearest(base, known) or (OF_ONES_OWN if module_file(base) else "")
    )
    yield recipe.finding(key, f"{kind}: no such dataset type for SFT", suggestion=near)


def _transform(recipe: Recipe, key: KeyPath, kind: str) -> Iterator[Finding]:
    known = types(recipe.method)
    name = full_name(kind, recipe.method)
    if name in known or kind.count(".") > 1 or _told_elsewhere(recipe.method, kind):
        return
    module, _, function = name.rpartition(".")
    fault = _import_fault(module, function)
    if fault:
        near = nearest(name, known).replace(".default?", "?")
        yield recipe.finding(key, f"{kind}: {fault}", suggestion=near)


def _told_elsewhere(method: str, kind: str) -> bool:
    """Chat templates for KTO and ORPO, which the check of ignored settings explains."""
    return method in ("kto", "orpo") and kind.split(".")[0] == "chat_template"


def _import_fault(module: str, function: str) -> str:
    """Why the user's transform cannot be used; a module that Axolotl cannot import is no type."""
    if module_file(module) is None:
        return "no such dataset type, and no module of that name"
    try:
        found = getattr(importlib.import_module(module), function, None)
    except (Exception, SystemExit) as error:  # the user's module may fail in any way
        return f"its module fails when imported ({type(error).__name__}: {error})"
    return "" if callable(found) else f"{module} has no function {function}"
