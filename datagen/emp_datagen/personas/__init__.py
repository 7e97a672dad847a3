"""Personas: one YAML file each, shipped ones here and users' own in a folder of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ValidationError

from emp_datagen.personas.model import SPLITS, Persona, Split
from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.files import read_yaml

__all__ = ["SHIPPED", "SPLITS", "Persona", "Split", "find", "load", "load_persona"]

SHIPPED = Path(__file__).parent
"""The folder of the personas that come with the package."""


def load_persona(path: str | Path) -> Persona:
    """Reads one persona file.

    Args:
        path: The YAML file; its name is the persona's name.

    Returns:
        The persona.

    Raises:
        InputError: Names the file, the key and what is wrong with it.
    """
    path = Path(path)
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise InputError(f"{path}: a persona is a mapping of keys")
    if "key" in data:
        raise InputError(f"{path}: key: the name of the file is the persona's name; drop this line")
    try:
        return Persona(key=path.stem, **{str(key): value for key, value in data.items()})
    except ValidationError as error:
        raise InputError(f"{path}: {_first_mistake(error)}") from None


def find(folder: str | Path | None = None) -> dict[str, Path]:
    """The persona files that can be named.

    Args:
        folder: A folder with more of them; its files win over shipped ones of the same name.

    Returns:
        Name to file, in alphabetical order.

    Raises:
        InputError: The folder does not exist or holds no persona.
    """
    files = {path.stem: path for path in SHIPPED.glob("*.yml")}
    if folder is not None:
        own = {path.stem: path for path in Path(folder).glob("*.yml")}
        if not own:
            raise InputError(f"{folder}: no persona files (*.yml) in this folder")
        files |= own
    return dict(sorted(files.items()))


def load(names: Iterable[str] = ("all",), folder: str | Path | None = None) -> list[Persona]:
    """Reads the personas that were asked for.

    Args:
        names: Names, comma lists of them, or ``all``.
        folder: A folder with more persona files.

    Returns:
        The personas, each once, in the order asked for.

    Raises:
        InputError: A name is unknown (with the nearest) or a file has a mistake.

    Example:
        >>> [persona.diagnosis for persona in load(["mdd,gad"])]
        ['MDD', 'GAD']
    """
    files = find(folder)
    wanted = [name for entry in names for name in _split(entry)]
    if not wanted:
        raise InputError(f"personas: none named; {did_you_mean('', ['all', *files])}")
    chosen: dict[str, Path] = {}
    for written in wanted:
        name = written if written in files else written.lower()
        if name == "all":
            chosen |= files
        elif name not in files:
            raise InputError(f"personas: {name!r}: no such persona; {did_you_mean(name, files)}")
        else:
            chosen[name] = files[name]
    return [load_persona(path) for path in chosen.values()]


def _split(entry: str) -> Iterator[str]:
    return filter(None, (part.strip() for part in entry.split(",")))


def _first_mistake(error: ValidationError) -> str:
    mistake = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in mistake["loc"])
    if mistake["type"] == "extra_forbidden":
        allowed = _keys_at(mistake["loc"][:-1])
        hint = f"; {did_you_mean(str(mistake['loc'][-1]), allowed)}" if allowed else ""
        return f"{place}: unknown key{hint}"
    message = mistake["msg"].removeprefix("Value error, ")
    return f"{place}: {message[0].lower()}{message[1:]}" if place else message


def _keys_at(place: tuple[Any, ...]) -> list[str]:
    """The keys allowed where a mistake stands: follows the models down its place."""
    model: Any = Persona
    for step in place:
        if isinstance(step, str) and step in getattr(model, "model_fields", {}):
            model = _innermost(get_type_hints(model)[step])
    fields = getattr(model, "model_fields", {})
    return [name for name in fields if name != "key"]


def _innermost(annotation: Any) -> Any:
    """The model within Annotated, list and dict."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_innermost(part) for part in get_args(annotation)]
    return next((model for model in found if model is not None), None)
