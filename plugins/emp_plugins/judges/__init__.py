"""Text to numbers, by a model: judges named by kind, served by a backend chosen by name."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.judges.spec import EmbeddedSpec
from emp_plugins.validation import validate

__all__ = ["BACKENDS", "EmbeddedSpec", "load", "read_spec"]

BACKENDS: Mapping[str, Mapping[str, str]] = {
    "embedded": {
        "clinical": "emp_plugins.judges.embedded.clinical",
        "emotion": "emp_plugins.judges.embedded.emotion",
        "sentiment": "emp_plugins.judges.embedded.sentiment",
        "risk": "emp_plugins.judges.embedded.risk",
        "similarity": "emp_plugins.judges.embedded.similarity",
    },
    "hf": {
        "clinical": "emp_plugins.judges.hub.clinical",
        "emotion": "emp_plugins.judges.hub.emotion",
        "empathy": "emp_plugins.judges.hub.empathy",
        "sentiment": "emp_plugins.judges.hub.sentiment",
    },
    "cross_encoder": {
        "similarity": "emp_plugins.judges.hub.similarity",
    },
    "openai": {
        "llm": "emp_plugins.judges.endpoint.llm",
    },
}
"""Backend -> kind -> module with ``Spec``, its settings, and ``from_spec(spec)``, which makes the
judge. A new judge is one file and its line here."""

_DEFAULT = EmbeddedSpec()
_LOADING = threading.RLock()  # a judge may be made of another one


def kinds() -> list[str]:
    """The kinds of judges that some backend offers.

    Example:
        >>> "emotion" in kinds()
        True
    """
    return sorted({kind for offered in BACKENDS.values() for kind in offered})


def read_spec(kind: str, block: Any, path: tuple[str, ...] = ("judges",)) -> BaseModel:
    """Validates what a recipe says about one judge.

    Args:
        kind: For example ``"emotion"``.
        block: The mapping under the kind.
        path: Keys that lead to the block, for the message.

    Returns:
        The settings, of the class that the backend's module defines.

    Raises:
        InputError: Unknown kind, backend or key, or a wrong type.

    Example:
        >>> read_spec("emotion", {"backend": "embedded"}).backend
        'embedded'
    """
    where = ".".join((*path, kind))
    if kind not in kinds():
        raise InputError(f"{where}: unknown judge; {did_you_mean(kind, kinds())}")
    if not isinstance(block, Mapping):
        raise InputError(f"{where}: expected a mapping, got {type(block).__name__}")
    backend = block.get("backend", "embedded")
    offered = [name for name in BACKENDS if kind in BACKENDS[name]]
    if backend not in offered:
        hint = did_you_mean(str(backend), offered)
        raise InputError(f"{where}.backend: {backend!r} offers no {kind} judge; {hint}")
    return validate(_module(backend, kind).Spec, dict(block), (*path, kind))


def load(kind: str, spec: Any = None) -> Any:
    """The judge of a kind; one copy in a process, however often it is asked for.

    Args:
        kind: ``"emotion"``, ``"similarity"`` or another of ``kinds()``.
        spec: The backend and its settings, as ``read_spec`` gives them; None for embedded.

    Returns:
        The judge, with a ``score`` method.

    Raises:
        InputError: The kind is unknown, the backend does not offer it, or its model cannot be used.
        ImportError: A package that the judge needs is not installed.

    Example:
        >>> judge = load("emotion")
        >>> judge is load("emotion", EmbeddedSpec())
        True
        >>> judge.labels[judge.score(["Thank you so much!"])[0].argmax()]
        'gratitude'
    """
    with _LOADING:
        return _load(kind, spec or _DEFAULT)


@cache
def _load(kind: str, spec: Any) -> Any:
    offered = BACKENDS[spec.backend]
    if kind not in offered:
        others = ", ".join(name for name in BACKENDS if kind in BACKENDS[name])
        hint = did_you_mean(str(kind), kinds())
        if others:
            hint = f"name a backend that has it under empathy.judges.{kind}: {others}"
        raise InputError(f"judges: the {spec.backend} backend has no {kind} judge; {hint}")
    return _module(spec.backend, kind).from_spec(spec)


def _module(backend: str, kind: str) -> ModuleType:
    return importlib.import_module(BACKENDS[backend][kind])
