"""Text to numbers, by a model: judges named by kind, served by a backend chosen by name."""

from __future__ import annotations

import importlib
import threading
from functools import cache
from typing import Any

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.judges.spec import JudgeSpec

__all__ = ["JudgeSpec", "load"]

# backend -> kind -> "module:factory", where factory(spec) makes the judge. A backend is one file
# and its lines here.
_FACTORIES = {
    "embedded": {
        "emotion": "emp_plugins.judges.emotion:from_spec",
        "similarity": "emp_plugins.judges.similarity:from_spec",
    },
}
_DEFAULT = JudgeSpec()
_LOADING = threading.Lock()


def load(kind: str, spec: JudgeSpec = _DEFAULT) -> Any:
    """The judge of a kind; one copy in a process, however often it is asked for.

    Args:
        kind: ``"emotion"`` or ``"similarity"``.
        spec: The backend and its settings.

    Returns:
        The judge, with a ``score`` method.

    Raises:
        InputError: The kind is unknown or the backend does not offer it.

    Example:
        >>> judge = load("emotion")
        >>> judge is load("emotion", JudgeSpec(backend="embedded"))
        True
        >>> judge.labels[judge.score(["Thank you so much!"])[0].argmax()]
        'gratitude'
    """
    with _LOADING:
        return _load(kind, spec)


@cache
def _load(kind: str, spec: JudgeSpec) -> Any:
    kinds = _FACTORIES[spec.backend]
    if kind not in kinds:
        hint = did_you_mean(str(kind), kinds)
        raise InputError(f"judges: {kind!r} with backend {spec.backend!r}: no such judge; {hint}")
    module, _, factory = kinds[kind].partition(":")
    return getattr(importlib.import_module(module), factory)(spec)
