"""JSON Schema read as pydantic reads a recipe: text that is a number counts as that number.

YAML itself makes such text: it takes ``5e-6``, without a point, for a string.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from pydantic import TypeAdapter, ValidationError

from emp_plugins.check.schema import load

KINDS = {"boolean": bool, "integer": int, "number": float}
LIMITS: Mapping[str, Callable[[float, float], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}


@cache
def validator() -> Any:
    """The validator of a recipe's schema, built once.

    Beside the errors of JSON Schema it gives one for each key that has a value and carries
    ``x-plugin``, ``x-instead``, ``x-dropped`` or ``x-removed``, with that word as its
    ``validator``. All keys that an object lacks are one error.

    Returns:
        A ``jsonschema`` validator; ask its ``iter_errors``.
    """
    from jsonschema import Draft202012Validator, validators

    kinds = {name: partial(_is_type, kind) for name, kind in KINDS.items()}
    checker = Draft202012Validator.TYPE_CHECKER.redefine_many(kinds)
    keywords = {name: _limit(holds) for name, holds in LIMITS.items()} | {
        "x-plugin": _present,
        "x-instead": _present,
        "x-dropped": _on,
        "x-removed": _removed,
        "required": _required,
    }
    return validators.extend(Draft202012Validator, keywords, type_checker=checker)(load())


def reads(kind: type, value: Any) -> bool:
    """Whether pydantic takes a value for one of a kind.

    Args:
        kind: ``int``, ``float`` or ``bool``.
        value: Of a recipe.

    Returns:
        Whether it does.

    Example:
        >>> reads(float, "5e-6"), reads(int, 2.0), reads(bool, "yes"), reads(int, "1e3")
        (True, True, True, False)
    """
    try:
        _adapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _is_type(kind: type, _: Any, value: Any) -> bool:
    return reads(kind, value)


def _limit(holds: Callable[[float, float], bool]) -> Callable[..., Iterator[Any]]:
    def check(_: Any, bound: float, value: Any, schema: Any) -> Iterator[Any]:
        if reads(float, value) and not holds(float(value), bound):
            yield _error(value)

    return check


def _present(_: Any, content: Any, value: Any, schema: Any) -> Iterator[Any]:
    if value is not None:
        yield _error(value)


def _on(_: Any, content: Any, value: Any, schema: Any) -> Iterator[Any]:
    if value:
        yield _error(value)


def _removed(_: Any, content: str, value: Any, schema: Any) -> Iterator[Any]:
    if value is not None and (value or content == "set"):
        yield _error(value)


def _required(_: Any, names: list[str], value: Any, schema: Any) -> Iterator[Any]:
    if isinstance(value, Mapping) and not set(names) <= value.keys():
        yield _error(value)


def _error(value: Any) -> Any:
    import jsonschema

    return jsonschema.ValidationError(f"{value!r} is refused")
