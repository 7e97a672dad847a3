"""The verb: a list of recipes, and ``new``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from emp_datagen.lazy import LazyGroup
from emp_plugins.errors import InputError

VERBS = {"new": ("emp_tooling.recipes.new:command", "Start a recipe from another one.")}

EPILOG = """\b
Examples:
  emp recipes
  emp recipes --format json
  emp recipes new my_dpo --from llama31_dpo_cbt --base-model Qwen/Qwen2.5-3B-Instruct
"""


@click.group("recipes", cls=LazyGroup, verbs=VERBS, invoke_without_command=True, epilog=EPILOG)
@click.option(
    "--folder",
    default="recipes",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where the recipes are.",
)
@click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.pass_context
def command(ctx: click.Context, folder: Path, format_: str) -> None:
    """List the recipes of a folder, or start one from another.

    GPU memory is what a recipe's header says: an estimate, until somebody measures it.
    """
    ctx.obj = folder
    if ctx.invoked_subcommand is None:
        ctx.exit(_list(folder, format_))


def _list(folder: Path, format_: str) -> int:
    """Prints the list; the status is 2 where a file in the folder is no recipe."""
    from emp_tooling.recipes.summary import recipe_files, summarize

    found, status = [], 0
    for path in recipe_files(folder).values():
        try:
            found.append(summarize(path))
        except InputError as error:
            click.echo(f"Error: {error}", err=True)
            status = 2
    if format_ == "json":
        click.echo(json.dumps([one.as_dict() for one in found], indent=2, ensure_ascii=False))
        return status
    from emp_datagen.listing.tables import console, table

    head = ("recipe", "method", "base model", "adapter", "GPU memory", "data")
    rows = (
        (
            one.name,
            one.method,
            one.base_model,
            one.adapter,
            str(one.memory or "?"),
            ", ".join(one.datasets),
        )
        for one in found
    )
    console().print(table(head, rows))
    return status
