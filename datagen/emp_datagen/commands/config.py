"""Datagen recipes: a verb's options in YAML; flags win."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.files import read_yaml

BLOCKS = ("judges", "rewards")
"""Keys that are no options: they are those of a recipe's ``empathy:`` block."""

COMMAND = "command"


def read_config(context: click.Context, parameter: Any, path: Path | None) -> Path | None:
    """Makes a recipe's values the defaults of a verb's options.

    Args:
        context: The verb's; ``meta`` gets the blocks.
        parameter: Not used.
        path: The recipe.

    Returns:
        The path.

    Raises:
        InputError: The file cannot be read, is for another verb, or holds an unknown key.
    """
    if path is None:
        return None
    held = read_yaml(path)
    if not isinstance(held, dict):
        raise InputError(f"{path}: a datagen recipe is a mapping of options")
    name = str(held.pop(COMMAND, context.info_name))
    if name != context.info_name:
        raise InputError(f"{path}: command: is for emp-datagen {name}, not {context.info_name}")
    options = {_key(option): option for option in context.command.params}
    defaults: dict[str, Any] = {}
    for key, value in held.items():
        if key in BLOCKS:
            context.meta[key] = value
            continue
        option = options.get(str(key).replace("_", "-"))
        if option is None or option.name == "config":
            allowed = [*BLOCKS, *(name for name in options if name != "config")]
            raise InputError(f"{path}: {key}: unknown key; {did_you_mean(str(key), allowed)}")
        if option.multiple and not isinstance(value, list):
            value = [value]
        defaults[str(option.name)] = value
    context.default_map = {**(context.default_map or {}), **defaults}
    return path


def _key(parameter: click.Parameter) -> str:
    longest = max(parameter.opts, key=len) if parameter.opts else str(parameter.name)
    return longest.lstrip("-")


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=read_config,
    help="Datagen recipe: these options as YAML keys; flags win.",
)
