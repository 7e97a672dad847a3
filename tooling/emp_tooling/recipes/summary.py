"""The recipes of a folder, one line each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emp_plugins.check.recipe import Recipe
from emp_plugins.errors import InputError, did_you_mean
from emp_tooling.recipes.header import Memory, memory, read_header


@dataclass(frozen=True)
class Summary:
    """What the list says of a recipe.

    Attributes:
        name: Its file's name without the suffix.
        file: Its file.
        what: What it does, from its header.
        method: ``sft``, or what ``rl`` says.
        base_model: The model that it trains.
        adapter: ``lora``, ``qlora``, or ``full`` where all weights are trained.
        memory: What it needs, from its header; None where the header does not say.
        datasets: Paths and hub names of its training data.
    """

    name: str
    file: str
    what: str
    method: str
    base_model: str
    adapter: str
    memory: Memory | None
    datasets: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, for JSON; ``memory`` as ``gpus`` and ``gigabytes`` or None."""
        return asdict(self) | {"memory": self.memory and self.memory._asdict()}


def recipe_files(folder: Path) -> dict[str, Path]:
    """The recipes of a folder by their names.

    Args:
        folder: Where to look; folders in it are left out.

    Returns:
        Name without the suffix to file, in the order of the names.

    Raises:
        InputError: The folder is missing or holds no recipe.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; run in the repository, or name it by --folder")
    found = {path.stem: path for path in sorted(folder.glob("*.yml"))}
    if not found:
        raise InputError(f"{folder}: no recipes in it (*.yml)")
    return found


def find(name: str, folder: Path) -> Path:
    """The file of a recipe that a user named.

    Args:
        name: A recipe of the folder, with or without its suffix, or a path to any recipe.
        folder: Where named recipes are.

    Returns:
        The file.

    Raises:
        InputError: There is none; names the nearest one.
    """
    path = Path(name)
    if path.is_file():
        return path
    files = recipe_files(folder)
    stem = path.stem if path.suffix in (".yml", ".yaml") else path.name
    if stem in files and path.parent in (Path("."), folder):
        return files[stem]
    raise InputError(f"{name}: no such recipe in {folder}; {did_you_mean(stem, files)}")


def summarize(path: Path) -> Summary:
    """Reads one recipe for the list.

    Args:
        path: Its file.

    Returns:
        The summary.

    Raises:
        InputError: It cannot be read.
    """
    recipe = Recipe.read(path)
    header = read_header(path.read_text(encoding="utf-8-sig"))
    return Summary(
        name=path.stem,
        file=str(path),
        what=header.get("What", ""),
        method=recipe.method,
        base_model=str(recipe.get("base_model") or ""),
        adapter=str(recipe.get("adapter") or "full"),
        memory=memory(header.get("Needs", "")),
        datasets=tuple(
            str(entry.get("path") or "")
            for place, entry in recipe.datasets()
            if place[0] == "datasets"
        ),
    )
