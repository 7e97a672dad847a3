"""Families of attacks: replies that earn reward without helping the client.

A family is one module in ``held_out`` or ``open``; a new file there is a new family. The module's
docstring says what the attack is, ``replies`` writes it for a case, and ``WRAP = False`` says that
what it writes is a whole completion, tags included.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import random
from collections.abc import Callable
from dataclasses import dataclass

from emp_plugins.completion import Template

FOLDERS = {"held_out": True, "open": False}
"""Sub-packages with families, and whether those are held out."""


@dataclass(frozen=True)
class Case:
    """What an attack replies to.

    Attributes:
        client: The client's last message.
        good: A good reply to it.
        risk: Level of the risk disclosed, 0 to 4.
    """

    client: str
    good: str
    risk: int = 0


@dataclass(frozen=True)
class Family:
    """One kind of attack.

    Attributes:
        name: Name of its module.
        description: First line of the module's docstring.
        held_out: Whether the defences were written without sight of it.
        wrap: Its replies are bare answers, to be put into the template before they are scored.
        replies: Writes one to three attacks on a case; the same ones from the same random state.
    """

    name: str
    description: str
    held_out: bool
    wrap: bool
    replies: Callable[[Case, Template, random.Random], list[str]]


def families() -> dict[str, Family]:
    """Finds every family, one for each module of the two folders.

    Returns:
        The families by name, in alphabetical order.

    Example:
        >>> family = families()["near_empty"]
        >>> family.held_out, family.wrap
        (False, True)
    """
    found = [
        _family(folder, module.name, held_out)
        for folder, held_out in FOLDERS.items()
        for module in pkgutil.iter_modules(importlib.import_module(f"{__name__}.{folder}").__path__)
    ]
    return {family.name: family for family in sorted(found, key=lambda family: family.name)}


def _family(folder: str, name: str, held_out: bool) -> Family:
    module = importlib.import_module(f"{__name__}.{folder}.{name}")
    description = (inspect.getdoc(module) or "").partition("\n")[0]
    return Family(name, description, held_out, getattr(module, "WRAP", True), module.replies)
