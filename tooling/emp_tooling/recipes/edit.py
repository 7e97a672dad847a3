"""A recipe for another base model: the same text, three places of it changed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml

from emp_plugins.check.recipe import Recipe
from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write

SCHEMA = re.compile(r"(?m)(?<=\$schema=)\S+")


def start_recipe(source: Path, name: str, base_model: str, out: Path) -> Path:
    """Writes a copy of a recipe that trains another base model.

    Every comment stays. Changed are ``base_model``, the last part of ``output_dir``, and where the
    header names the recipe's own file or output.

    Args:
        source: The recipe to start from.
        name: Name of the new one; ``.yml`` at its end is no part of it.
        base_model: What it trains: a folder, or a model of the hub.
        out: Folder of the new file; made where it is missing.

    Returns:
        The new file.

    Raises:
        InputError: The name is none, the file exists, the source cannot be read, or a value in it
            stands where it cannot be replaced.
    """
    path = out / f"{_checked_name(name)}.yml"
    if path.exists():
        raise InputError(f"{path}: exists already; take another name, or remove it")
    if not base_model.strip() or "\n" in base_model:
        raise InputError("--base-model: expected a folder or a model of the hub")
    text = edited(Recipe.read(source), source.read_text(encoding="utf-8-sig"), path, base_model)
    with atomic_write(path) as file:
        file.write(text)
    return path


def edited(recipe: Recipe, text: str, path: Path, base_model: str) -> str:
    """The text of the copy.

    Args:
        recipe: The recipe to start from.
        text: Its file's content.
        path: Where the copy will be.
        base_model: What it trains.

    Returns:
        The text, which reads back as the same recipe but for the values that were asked for.

    Raises:
        InputError: A value is missing, or stands where it cannot be replaced.
    """
    old = {key: _value(recipe, key) for key in ("base_model", "output_dir")}
    new = {
        "base_model": base_model.strip(),
        "output_dir": (Path(old["output_dir"]).parent / path.stem).as_posix(),
    }
    made = _replaced(text, new)
    made = _header(made, Path(recipe.path), path, old["output_dir"], new["output_dir"])
    try:
        same = Recipe.from_text(str(path), made).data == {**recipe.data, **new}
    except InputError:
        same = False
    if not same:
        raise InputError(
            f"{recipe.path}: base_model or output_dir stands in an anchor, an alias or a nested "
            "block; write both as lines of their own"
        )
    return made


def _checked_name(name: str) -> str:
    stem = re.sub(r"\.ya?ml$", "", name)
    if "/" in stem or "\\" in stem:
        folder = Path(stem).parent
        raise InputError(f"{name}: a name, no path; write {Path(stem).name} --out {folder}")
    if not re.fullmatch(r"\w[\w.-]*", stem):
        raise InputError(f"{name!r}: a name has letters, digits, '_', '-' and '.'")
    return stem


def _value(recipe: Recipe, key: str) -> str:
    value = recipe.get(key)
    if not isinstance(value, str) or not value:
        raise InputError(f"{recipe.path}: {key}: missing, so it cannot be replaced; add it")
    return value


def _replaced(text: str, values: dict[str, str]) -> str:
    """The text with other values for top-level keys, from the last one to the first."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    marks = {
        key.value: (value.start_mark.index, value.end_mark.index)
        for key, value in root.value
        if key.value in values
    }
    for key, (start, end) in sorted(marks.items(), key=lambda item: -item[1][0]):
        end = start + len(text[start:end].rstrip())  # a block scalar's value ends on the next line
        text = text[:start] + _scalar(values[key]) + text[end:]
    return text


def _scalar(value: str) -> str:
    """A text as YAML writes it on one line, in quotes where it needs them."""
    return yaml.safe_dump(value, width=10_000, allow_unicode=True).removesuffix("...\n").strip()


def _header(text: str, source: Path, path: Path, old_output: str, new_output: str) -> str:
    """The comment before the first key, with its commands about the new file."""
    lines = text.splitlines(keepends=True)
    end = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    head = "".join(lines[:end])
    command = rf"(axolotl [\w-]+ )[\w./-]*\b{re.escape(source.name)}"
    head = re.sub(command, lambda found: found[1] + path.as_posix(), head)
    if "/" in old_output:  # a single word may stand in a sentence
        output = rf"(?<![\w./-]){re.escape(old_output)}(?![\w-])"
        head = re.sub(output, lambda _: new_output, head)
    head = SCHEMA.sub(lambda found: _moved(found[0], source.parent, path.parent), head)
    return head + "".join(lines[end:])


def _moved(target: str, before: Path, after: Path) -> str:
    """A relative path as seen from another folder; as it is where it leads nowhere."""
    if not (before / target).exists():
        return target
    return Path(os.path.relpath(before / target, after)).as_posix()
