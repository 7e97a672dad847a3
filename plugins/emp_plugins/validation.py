"""pydantic's complaints as one line that names the key and the nearest right one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from emp_plugins.errors import InputError, did_you_mean

Model = TypeVar("Model", bound=BaseModel)


class Problem(NamedTuple):
    """One thing that is wrong with what the user wrote.

    Attributes:
        path: Keys that lead to it.
        message: What is wrong.
        kind: pydantic's name of the fault, or ours.
    """

    path: tuple[str | int, ...]
    message: str
    kind: str

    def __str__(self) -> str:
        """Key and message as one line."""
        return f"{'.'.join(map(str, self.path))}: {self.message}"


class Invalid(InputError):
    """Something the user wrote is wrong in one place or more.

    Attributes:
        problems: Each of them.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles with its problems."""
        return type(self), (self.problems,)


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
        Invalid: Each complaint, with its key; an unknown key names the nearest allowed one.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(_problem(model, item, path) for item in error.errors()) from None


def _problem(model: type[BaseModel], error: Any, path: tuple[str, ...]) -> Problem:
    where = (*path, *error["loc"])
    if error["type"] == "extra_forbidden":
        owner = _owner(model, error["loc"][:-1])
        hint = did_you_mean(str(error["loc"][-1]), owner.model_fields)
        return Problem(where, f"unknown key; {hint}", error["type"])
    # Our own validators say what they got, and a model's sees a whole block, too long to echo.
    told = error["type"] == "value_error" or isinstance(error["input"], Mapping)
    got = "" if told else f", got {error['input']!r}"
    said = error["msg"].removeprefix("Value error, ")
    return Problem(where, f"{said[:1].lower()}{said[1:]}{got}", error["type"])


def _owner(model: type[BaseModel], loc: Sequence[Any]) -> type[BaseModel]:
    """The nested model that an error's location ends in."""
    for step in loc:
        annotation = model.model_fields[step].annotation if step in model.model_fields else None
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        nested = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        model = nested[0] if nested else model
    return model
