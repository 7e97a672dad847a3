"""Files and folders that a recipe names beside its data: models, templates, DeepSpeed settings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from emp_plugins.check.files.local import is_local, near_path
from emp_plugins.check.files.products import MODEL_KEYS, absent
from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe


def check(recipe: Recipe) -> Iterator[Finding]:
    """Named files that are missing or cannot be read.

    Args:
        recipe: The recipe.

    Yields:
        An error for each; a note for a model that one of our commands makes.
    """
    for name in MODEL_KEYS:
        path = recipe.get(name)
        if isinstance(path, str) and "://" in path:
            hint = "give a folder, or the name on the hub: OWNER/MODEL"
            yield recipe.finding((name,), f"{path}: an address is no model", suggestion=hint)
        elif isinstance(path, str) and is_local(path) and not os.path.exists(path):
            yield absent(recipe, (name,), path)
    yield from _checkpoint(recipe)
    yield from _deepspeed(recipe)
    yield from _chat_template(recipe, ("chat_template_jinja",))
    for key, _ in recipe.datasets():
        yield from _chat_template(recipe, (*key, "chat_template_jinja"))


def _checkpoint(recipe: Recipe) -> Iterator[Finding]:
    path = recipe.get("resume_from_checkpoint")
    if isinstance(path, str) and not os.path.exists(path):
        message = f"{path}: no such checkpoint"
        yield recipe.finding(
            ("resume_from_checkpoint",),
            message,
            suggestion=near_path(path) or "auto_resume_from_checkpoints: true finds the last one",
        )


def _deepspeed(recipe: Recipe) -> Iterator[Finding]:
    path = recipe.get("deepspeed")
    if not isinstance(path, str):
        return
    if not os.path.isfile(path):
        fetch = "`axolotl fetch deepspeed_configs` brings Axolotl's own"
        yield recipe.finding(
            ("deepspeed",), f"{path}: no such file", suggestion=near_path(path) or fetch
        )
        return
    try:
        settings = json.loads(Path(path).read_bytes())
    except UnicodeDecodeError:
        yield recipe.finding(("deepspeed",), f"{path}: not UTF-8", suggestion="save it as UTF-8")
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        yield recipe.finding(("deepspeed",), f"{place}: not JSON: {error.msg}")
    else:
        if not isinstance(settings, dict):
            yield recipe.finding(("deepspeed",), f"{path}: expected an object of settings")


def _chat_template(recipe: Recipe, key: KeyPath) -> Iterator[Finding]:
    """A value without Jinja and line breaks can only be a file's name."""
    value = recipe.get(*key)
    if not isinstance(value, str) or "{" in value or "\n" in value or os.path.isfile(value):
        return
    yield recipe.finding(
        key,
        f"{value}: no such file, and no Jinja template",
        suggestion=near_path(value) or "name a .jinja file or write the template here",
    )
