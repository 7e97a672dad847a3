"""Finds modules and the names in them without importing them.

Importing Axolotl takes half a minute, and a plugin imports Axolotl.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def module_file(dotted: str) -> Path | None:
    """The source file of a module.

    Args:
        dotted: Its dotted name.

    Returns:
        The file, for a package its ``__init__.py``; None where there is none.

    Example:
        >>> module_file("emp_plugins.check").name, module_file("emp_plugins.chek") is None
        ('__init__.py', True)
    """
    top, *rest = dotted.split(".")
    if not all(part.isidentifier() for part in (top, *rest)):
        return None
    for folder in _folders(top):
        base = folder.joinpath(*rest)
        for file in (base.with_suffix(".py") if rest else base, base / "__init__.py"):
            if os.path.isfile(file):  # unlike Path.is_file, false for a name that no system takes
                return file
    return None


def module_names(file: Path) -> set[str] | None:
    """The names that a module defines or imports at its top level.

    Args:
        file: Its source file.

    Returns:
        The names; None where they cannot be told without running it: a star import, a
        ``__getattr__``, or a file that is no Python.
    """
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return None
    names = {name for node in _statements(tree.body) for name in _bound(node)}
    return None if names & {"*", "__getattr__"} else names


def missing_imports(file: Path) -> list[str]:
    """Packages that a module imports at its top level and that are not installed.

    Args:
        file: Its source file.

    Returns:
        Their names; an import inside ``try`` may fail and is left out.
    """
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return []
    tops = {top for node in tree.body for top in _imported(node)}
    return sorted(top for top in tops if not installed(top))


def installed(package: str) -> bool:
    """Whether a top-level package can be found.

    Example:
        >>> installed("json"), installed("no_such_package")
        (True, False)
    """
    if package in sys.modules:
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _folders(top: str) -> Iterator[Path]:
    """Where a top-level module or package lies; its file itself for a module."""
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is not None:
        yield from map(Path, spec.submodule_search_locations or [spec.origin or ""])
    # parts of a namespace may lie in several folders, as Axolotl's integrations do
    yield from (Path(entry or ".") / top for entry in sys.path)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _statements([*node.body, *node.orelse])
        if isinstance(node, ast.Try):
            for handler in node.handlers:
                yield from _statements(handler.body)


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((item.asname or item.name).split(".")[0] for item in node.names)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (name.id for one in targets for name in ast.walk(one) if _is_name(name))


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name)


def _imported(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (item.name.split(".")[0] for item in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        yield node.module.split(".")[0]
