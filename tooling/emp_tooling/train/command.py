"""``emp train``: check a recipe, then train it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emp_plugins.errors import InputError

if TYPE_CHECKING:
    from emp_plugins.check.recipe import Recipe

# \b keeps click from joining the lines that follow.
EXAMPLES = """\b
Examples:
  emp train recipes/tiny_dpo_cbt.yml
  emp train recipes/tiny_dpo_cbt.yml --max-steps 10 --output-dir out/try
  emp train --engine unsloth recipes/llama31_dpo_cbt.yml
"""


@click.command("train", epilog=EXAMPLES, context_settings={"ignore_unknown_options": True})
@click.option(
    "--engine",
    default="axolotl",
    show_default=True,
    type=click.Choice(["axolotl", "unsloth"]),
    help="What trains. Unsloth needs a CUDA GPU and refuses recipes that it cannot follow.",
)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[AXOLOTL-OPTION]...")
@click.pass_context
def command(ctx: click.Context, engine: str, recipe: Path, options: tuple[str, ...]) -> None:
    """Check a recipe, then train it.

    What is wrong with the recipe is said first, and an error stops the run before anything loads.
    Further options are passed on to `axolotl train`; its exit status is the one of this command.

    Exit status: 1 where the recipe is wrong, 2 where it cannot be read or this engine cannot
    follow it.
    """
    from emp_plugins.check.recipe import Recipe
    from emp_plugins.check.yaml_places import BrokenRecipe

    try:
        read = Recipe.read(recipe)
    except BrokenRecipe as broken:
        click.echo(broken.finding, err=True)
        ctx.exit(1)
    if engine == "axolotl":
        from emp_tooling.train.axolotl_engine import train

        _stop_at_errors(ctx, read, complete=not options)
        ctx.exit(train(recipe, options))
    if options:
        raise InputError(f"{options[0]}: options are Axolotl's; write it into the recipe")
    from emp_plugins.check import keys
    from emp_tooling.train.unsloth import run
    from emp_tooling.train.unsloth.mapping import plan

    if not any(finding.severity == "error" for finding in keys.check(read)):
        plan(read.data)  # before the other checks: what it refuses they may well accept
    _stop_at_errors(ctx, read, complete=True)
    click.echo(run.train(read))


def _stop_at_errors(ctx: click.Context, recipe: Recipe, complete: bool) -> None:
    """Prints what the quick checks find; ends with status 1 where an error is among it.

    Data and models that other commands make must be there, unless an option may name others.
    """
    from emp_plugins.check import check
    from emp_plugins.check.files.products import missing_products
    from emp_tooling.check.formats import as_text

    sys.path.insert(0, os.getcwd())  # where a user's reward functions are, as under Axolotl
    found = [finding for finding in check(recipe) if finding.severity != "note"]
    found += missing_products(recipe) if complete else []
    if found:
        click.echo(as_text(found), err=True)
    if any(finding.severity == "error" for finding in found):
        ctx.exit(1)
