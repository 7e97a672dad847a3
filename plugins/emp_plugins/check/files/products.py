"""Data and models that our own commands make, and the command that makes each."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from emp_plugins.check.files.local import is_local, near_path
from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe

NOT_YET = "not there yet"

MADE = ("dialogues", "groups", "kto", "pairs", "prompts")
"""Verbs of ``emp-datagen`` that make data for a recipe."""

DATA = {
    **{f"data/{verb}.jsonl": f"emp-datagen {verb}" for verb in MADE},
    **{
        f"data/{verb}_dev.jsonl": f"emp-datagen {verb} --split dev --out data/{verb}_dev.jsonl"
        for verb in MADE
    },
    "build/unaligned.jsonl": "emp tiny --pairs build/pairs.jsonl",
}
"""Default output -> command; the options that a recipe's comments give are added."""

MODELS = {"build/tiny": "emp tiny --pairs build/pairs.jsonl"}

VERBS = {"sft": "dialogues", "kto": "kto", "grpo": "prompts", "gdpo": "prompts"}
"""Which verb of ``emp-datagen`` makes data for a method; the others want pairs."""

MODEL_KEYS = ("base_model", "base_model_config", "tokenizer_config", "lora_model_dir")

COMMAND = re.compile(r"\bemp(?:-datagen)? [a-z][^`\n]*")
OUTPUT_DIR = re.compile(r"^output_dir:\s*['\"]?([^\s'\"#]+)", re.MULTILINE)


def verb_for(method: str) -> str:
    """The verb of ``emp-datagen`` that makes data for a method.

    Example:
        >>> verb_for("dpo"), verb_for("grpo")
        ('pairs', 'prompts')
    """
    return VERBS.get(method, "pairs")


def method_name(method: str) -> str:
    """A method as a reader of recipes knows it.

    Example:
        >>> method_name("dpo"), method_name("sft")
        ('rl: dpo', 'SFT')
    """
    return "SFT" if method == "sft" else f"rl: {method}"


def command_for(recipe: Recipe, path: str) -> str:
    """The command that makes a file or folder.

    Args:
        recipe: The recipe that names it. Its comments may say how the file is made, and a model may
            be what a recipe beside it writes.
        path: The file or folder.

    Returns:
        The command, or an empty text where none of ours makes it.

    Example:
        >>> command_for(Recipe("a.yml", {}), "./data/pairs.jsonl")
        'emp-datagen pairs'
    """
    path = posixpath.normpath(path)
    default = DATA.get(path) or MODELS.get(path) or ""
    for command in _told(recipe):
        words = command.split()
        out = words[words.index("--out") + 1 :][:1] if "--out" in words else []
        if out == [path] or (default and not out and command.startswith(default)):
            return command
    return default or _trained(recipe).get(path, "")


def absent(recipe: Recipe, key: KeyPath, path: str) -> Finding:
    """The finding about a file or folder that is not there.

    Args:
        recipe: The recipe.
        key: The key that names it.
        path: What it names.

    Returns:
        A note where one of our commands makes it, else an error with the nearest existing name.
    """
    command = command_for(recipe, path)
    if command:
        return recipe.finding(key, NOT_YET, severity="note", suggestion=f"make it: {command}")
    if path.startswith("~"):
        message = f"{path}: ~ is not expanded here"
        return recipe.finding(key, message, suggestion="write the whole path")
    model = key[0] in MODEL_KEYS
    made = {**MODELS, **_trained(recipe)} if model else DATA
    near = near_path(path, tuple(made))
    kind = "folder" if model else "file"
    return recipe.finding(key, f"{path}: no such {kind}", suggestion=near or _hint(recipe, model))


def missing_products(recipe: Recipe) -> list[Finding]:
    """What must be made before this recipe can train.

    Args:
        recipe: The recipe.

    Returns:
        An error for each file or folder that a command of ours makes and that is not there yet;
        ``check`` gives only a note about each.
    """
    return [
        recipe.finding(key, f"{path}: no such file or folder", suggestion=f"make it: {command}")
        for key, path in _named(recipe)
        if is_local(path) and not os.path.exists(path) and (command := command_for(recipe, path))
    ]


def _named(recipe: Recipe) -> Iterator[tuple[KeyPath, str]]:
    for name in MODEL_KEYS:
        if isinstance(recipe.get(name), str):
            yield (name,), recipe.get(name)
    for key, entry in recipe.datasets():
        if isinstance(entry.get("path"), str):
            yield (*key, "path"), entry["path"]


def _told(recipe: Recipe) -> list[str]:
    """The commands in a recipe's comments, each on one line."""
    file = Path(recipe.path)
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    comments = "\n".join(line.lstrip()[1:].strip() for line in lines if line.lstrip()[:1] == "#")
    return [found[0].strip() for found in COMMAND.finditer(comments.replace("\\\n", ""))]


def _trained(recipe: Recipe) -> dict[str, str]:
    """The folders that the recipes beside this one leave a model in, and the run that does."""
    folder, runs = Path(recipe.path).parent, {}
    beside = sorted(folder.glob("*.yml")) if folder.is_dir() else []
    for file in (one for one in beside if one.is_file() and os.access(one, os.R_OK)):
        found = OUTPUT_DIR.search(file.read_text(encoding="utf-8", errors="replace"))
        if found:
            made = posixpath.normpath(found[1])
            runs |= {made: f"axolotl train {file}", f"{made}/merged": f"axolotl merge-lora {file}"}
    return runs


def _hint(recipe: Recipe, model: bool) -> str:
    if model:
        return "give the folder of a model, or its name on the hub: OWNER/MODEL"
    return f"emp-datagen {verb_for(recipe.method)} makes data for {method_name(recipe.method)}"
