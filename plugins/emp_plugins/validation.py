"""pydantic's complaints as one line that names the key and the nearest right one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from emp_plugins.errors import InputError, did_you_mean

Model = TypeVar("Model", bound=BaseModel)


def plain(value: Any) -> Any:
    """Copies nested mappings and lists into plain ones.

    Axolotl's DictDefault answers any key with None, which hides what is missing.

    Args:
        value: Mappings and lists, nested.

    Returns:
        The same content in dicts and lists.
    """
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def validate(model: type[Model], data: Any, path: tuple[str, ...] = ()) -> Model:
    """Validates data against a model.

    Args:
        model: The pydantic model.
        data: What the user wrote.
        path: Keys that lead to the data, for the message.

    Returns:
        The model's instance.

    Raises:
        InputError: Each complaint, with its key; an unknown key names the nearest allowed one.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError("; ".join(_line(model, item, path) for item in error.errors())) from None


def _line(model: type[BaseModel], error: Any, path: tuple[str, ...]) -> str:
    key = ".".join(map(str, (*path, *error["loc"])))
    if error["type"] == "extra_forbidden":
        owner = _owner(model, error["loc"][:-1])
        return f"{key}: unknown key; {did_you_mean(str(error['loc'][-1]), owner.model_fields)}"
    # A model's own validator sees the whole block: echoing that would bury the message.
    got = "" if isinstance(error["input"], Mapping) else f", got {error['input']!r}"
    return f"{key}: {error['msg'][0].lower()}{error['msg'][1:]}{got}"


def _owner(model: type[BaseModel], loc: Sequence[Any]) -> type[BaseModel]:
    """The nested model that an error's location ends in."""
    for step in loc:
        annotation = model.model_fields[step].annotation if step in model.model_fields else None
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        nested = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        model = nested[0] if nested else model
    return model
