"""The verb: reads recipes, asks the checks, prints what they found."""

from __future__ import annotations

import sys

import click

from emp_plugins.check import CHECKS, DEEP, SMOKE, Finding, check
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.yaml_places import BrokenRecipe
from emp_plugins.errors import InputError
from emp_tooling.check.formats import FORMATS, summary

EXAMPLES = """\b
Examples:
  emp check recipes/*.yml
  emp check --deep my.yml
  emp check --gpus 4 --format github recipes/llama31_grpo_affective.yml
"""


@click.command("check", epilog=EXAMPLES)
@click.argument("recipes", nargs=-1, required=True, metavar="RECIPE...")
@click.option(
    "--deep",
    is_flag=True,
    help="Also build the model without weights, apply its adapter, and ask Axolotl's validation.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
)
@click.option(
    "--gpus",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Number of processes that will train; some arithmetic depends on it.",
)
@click.option("--strict", is_flag=True, help="Count warnings as errors in the exit status.")
@click.pass_context
def command(
    ctx: click.Context,
    recipes: tuple[str, ...],
    deep: bool,
    format_: str,
    gpus: int,
    strict: bool,
) -> None:
    """Say what is wrong with recipes, all of it at once.

    Looks for unknown keys at every level, wrong types, repeated keys, plugins and rewards that
    cannot be imported, illegal batch sizes, settings that Axolotl or TRL ignore without a word,
    data that does not fit the method or the rewards, prompts that are too long; calls each reward
    whose judges are at hand on two replies; and estimates the memory of a GPU. Needs no GPU and
    downloads nothing. Each line is FILE:LINE:COLUMN: KEY: what is wrong; what to do.

    Exit status: 0 without errors, 1 with one, 2 where a recipe cannot be read.
    """
    read: list[Recipe | Finding] = []
    unreadable = False
    for path in recipes:
        try:
            read.append(Recipe.read(path, world_size=gpus))
        except BrokenRecipe as broken:
            read.append(broken.finding)
        except InputError as error:
            unreadable = True
            click.echo(f"Error: {error}", err=True)
    findings = _findings(read, deep)
    shown = FORMATS[format_](findings)
    if shown:
        click.echo(shown)
    if format_ == "text" and read:
        click.echo(summary(len(read), findings), err=True)
    sys.stdout.flush()
    ctx.exit(_status(findings, strict, unreadable))


def _findings(read: list[Recipe | Finding], deep: bool) -> list[Finding]:
    checks = (*CHECKS, SMOKE, *([DEEP] if deep else []))
    found: list[Finding] = []
    for item in read:
        found += [item] if isinstance(item, Finding) else check(item, checks)
    return found


def _status(findings: list[Finding], strict: bool, unreadable: bool) -> int:
    if unreadable:
        return 2
    counted = {"error", "warning"} if strict else {"error"}
    return int(any(finding.severity in counted for finding in findings))
