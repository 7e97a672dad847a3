"""Which weights a run left, and whether an adapter belongs to the recipe's base model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from emp_plugins.errors import InputError
from emp_plugins.resume import checkpoints, is_whole
from emp_tooling.recipe import required

ADAPTER_CONFIG, ADAPTER = "adapter_config.json", "adapter_model.safetensors"
MODEL_CONFIG, MODEL = "config.json", ("model.safetensors", "model.safetensors.index.json")
PICKLED = ("adapter_model.bin", "pytorch_model.bin", "pytorch_model.bin.index.json")
BASE = "base_model_name_or_path"


class Weights(NamedTuple):
    """Where trained weights are.

    Attributes:
        folder: The folder.
        is_adapter: Whether they are an adapter on the base model, or a model by themselves.
    """

    folder: Path
    is_adapter: bool


def find(recipe: dict[str, Any], path: str | Path, given: str | Path | None = None) -> Weights:
    """Finds the weights of a recipe's training.

    Args:
        recipe: What ``read_recipe`` gave.
        path: The recipe's file, for messages.
        given: Folder of an adapter or of a full model; None for the recipe's ``output_dir``: what
            the training saved at its end, else its newest checkpoint that is whole.

    Returns:
        The weights.

    Raises:
        InputError: There are none in safetensors; names the folder that was meant, if there is one.
    """
    if given is not None:
        return _given(Path(given), recipe.get("output_dir"))
    run = Path(required(recipe, "output_dir", path))
    wants = bool(recipe.get("adapter"))
    for folder in _saved(run):
        weights = look(folder)
        if weights is not None and (weights.is_adapter or not wants):
            return weights
    raise InputError(_missing(run, path, "adapter" if wants else "model"))


def look(folder: Path) -> Weights | None:
    """What a folder holds.

    Args:
        folder: Where to look. Where it holds both, the adapter counts: a trainer also leaves the
            base model's configuration there.

    Returns:
        The weights; None where there are none in safetensors.
    """
    if (folder / ADAPTER_CONFIG).is_file():
        return Weights(folder, True) if (folder / ADAPTER).is_file() else None
    if (folder / MODEL_CONFIG).is_file() and _any(folder, MODEL):
        return Weights(folder, False)
    return None


def check_base(adapter: Path, base: str, path: str | Path) -> None:
    """Refuses an adapter that was trained on another model.

    Args:
        adapter: Its folder.
        base: The recipe's ``base_model``.
        path: The recipe's file, for the message.

    Raises:
        InputError: The adapter names another base; a link to the same folder is no other one.
    """
    made_for = settings(adapter).get(BASE)
    if not isinstance(made_for, str) or not made_for or same_model(made_for, base):
        return
    raise InputError(
        f"{adapter}: made for {made_for}, but base_model in {path} is {base}; give the adapter of "
        f"this base, or correct {BASE} in {ADAPTER_CONFIG} if the model has only moved"
    )


def same_model(one: str, other: str) -> bool:
    """Whether two names are the same model.

    Args:
        one: A folder or a name on the hub.
        other: Another.

    Returns:
        True for equal names and for paths of one folder.

    Example:
        >>> same_model("build/tiny/", "./build/tiny"), same_model("a/b", "a/c")
        (True, False)
    """
    return one == other or Path(one).resolve() == Path(other).resolve()


def settings(adapter: Path) -> dict[str, Any]:
    """The adapter's configuration.

    Args:
        adapter: Its folder.

    Returns:
        What stands in ``adapter_config.json``.

    Raises:
        InputError: The file is missing or no JSON object.
    """
    file = adapter / ADAPTER_CONFIG
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{adapter}: no adapter here, {ADAPTER_CONFIG} is missing") from None
    except (OSError, ValueError):
        read = None
    if not isinstance(read, dict):
        raise InputError(f"{file}: no JSON object; the adapter was not saved to its end")
    return read


def _given(folder: Path, run: Any) -> Weights:
    weights = look(folder)
    if weights is not None:
        return weights
    places = [folder, Path(run)] if isinstance(run, str) and run else [folder]
    hint = next((f"; did you mean {near}?" for near in _near(places)), "")
    if not folder.exists():
        raise InputError(f"{folder}: no such folder{hint}")
    if not folder.is_dir():
        raise InputError(f"{folder}: is a file, expected the folder of an adapter or a model{hint}")
    if found := _any(folder, PICKLED):
        raise InputError(f"{folder}: {found} is pickled; save the weights as safetensors{hint}")
    lacking = ADAPTER if (folder / ADAPTER_CONFIG).is_file() else ADAPTER_CONFIG
    raise InputError(f"{folder}: no adapter here, {lacking} is missing, and no model either{hint}")


def _near(places: Sequence[Path]) -> Iterator[Path]:
    """Folders with weights that may have been meant, in the order of the places."""
    for place in places:
        yield from (found for found in _saved(place) if look(found))


def _saved(run: Path) -> Iterator[Path]:
    yield run
    yield from (folder for folder in reversed(checkpoints(run)) if is_whole(folder))


def _missing(run: Path, path: str | Path, what: str) -> str:
    if not run.is_dir():
        return f"{run}: no such folder; train first: axolotl train {path}"
    if found := _any(run, PICKLED):
        return f"{run}: {found} is pickled; save the weights as safetensors"
    return f"{run}: no {what} and no whole checkpoint in it; train first: axolotl train {path}"


def _any(folder: Path, names: tuple[str, ...]) -> str:
    return next((name for name in names if (folder / name).is_file()), "")
