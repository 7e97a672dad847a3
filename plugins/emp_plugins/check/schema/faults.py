"""From a validator's errors to single faults: of a union, only what its meant alternative lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

KIND = ("type", "enum", "const", "pattern")
"""Keywords that say of a value that it is of another kind altogether."""

UNKNOWN = "additionalProperties"


def unknown(error: Any) -> list[Any]:
    """The keys that an object's schema does not know, of an error about them."""
    return [key for key in error.instance if key not in error.schema["properties"]]


def faults(errors: Any) -> Iterator[Any]:
    """The errors that a user has to mend, each once.

    An alternative whose kind the value has is the one that was meant; among several the one that
    has the most of the value's keys, and then the fewest errors. Where the value's kind is that of
    none, the union itself is the fault.

    Args:
        errors: Of a ``jsonschema`` validator.

    Yields:
        Errors without ``context``, or unions in which no alternative fits.
    """
    for error in errors:
        meant = _meant(error) if error.validator == "anyOf" else None
        if meant is None:
            yield error
        else:
            yield from faults(meant)


def _meant(error: Any) -> list[Any] | None:
    alternatives: dict[Any, list[Any]] = defaultdict(list)
    for inner in error.context:
        alternatives[inner.relative_schema_path[0]].append(inner)
    fitting = [found for found in alternatives.values() if not any(map(_of_other_kind, found))]
    return min(fitting, key=_strangeness, default=None)


def _strangeness(found: list[Any]) -> tuple[int, int]:
    strangers = sum(len(unknown(error)) for error in found if error.validator == UNKNOWN)
    return strangers, len(found)


def _of_other_kind(error: Any) -> bool:
    return not error.relative_path and error.validator in KIND
