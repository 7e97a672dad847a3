"""``python -m emp_tooling.benchmarks.faults``: how many faults each check finds.

Run it in the repository's root, after `make demo` or with the data that the recipes' headers name:
faults of columns need rows to look at.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path

import click

from emp_plugins.check import CHECKS, SMOKE, Finding, check
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.yaml_places import BrokenRecipe
from emp_tooling.benchmarks.faults import Fault, load_faults, write
from emp_tooling.benchmarks.faults.axolotl_alone import refusal


def found_by_check(file: Path) -> list[Finding]:
    """What ``emp check`` says about a recipe.

    Args:
        file: The recipe.

    Returns:
        Its findings, without notes.
    """
    try:
        findings = check(Recipe.read(file), (*CHECKS, SMOKE))
    except BrokenRecipe as broken:
        return [broken.finding]
    return [finding for finding in findings if finding.severity != "note"]


def hits(fault: Fault, text: str, findings: list[Finding]) -> bool:
    """Whether one of the findings names the fault's line, key and severity.

    Args:
        fault: The fault.
        text: The shipped recipe.
        findings: What was found in the edited one.

    Returns:
        True where one does.
    """
    wanted = (fault.line(text), fault.key, fault.severity)
    return wanted in {(item.line, item.key, item.severity) for item in findings}


@click.command()
@click.option(
    "--recipes", default="recipes", show_default=True, type=click.Path(path_type=Path, exists=True)
)
@click.option("--verbose", is_flag=True, help="Also print each fault and what Axolotl answers.")
def command(recipes: Path, verbose: bool) -> None:
    """Compare `emp check` with Axolotl's own validation on the table of faults."""
    count: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    with tempfile.TemporaryDirectory() as folder:
        for name, fault in load_faults().items():
            text = (recipes / f"{fault.recipe}.yml").read_text(encoding="utf-8")
            file = write(fault, recipes, Path(folder))
            ours = hits(fault, text, found_by_check(file))
            theirs = refusal(file)
            row = count[fault.group]
            row[0] += 1
            row[1] += ours
            row[2] += theirs is not None
            row[3] += theirs is not None and names_it(fault, theirs)
            if verbose:
                click.echo(f"{name}: emp check {ours}, Axolotl {theirs or 'accepts it'}")
    _print(count)


def names_it(fault: Fault, message: str) -> bool:
    """Whether a message names the last part of the fault's key.

    Args:
        fault: The fault.
        message: What a validation said.

    Returns:
        True where it does; faults without a key count as named.
    """
    return fault.key.split(".")[-1].split("[")[0] in message


def _print(count: dict[str, list[int]]) -> None:
    click.echo("| fault | cases | emp check, line and key | Axolotl refuses | and names the key |")
    click.echo("|---|---|---|---|---|")
    for group, row in count.items():
        click.echo(f"| {group} | " + " | ".join(map(str, row)) + " |")
    total = [sum(column) for column in zip(*count.values(), strict=True)]
    click.echo("| all | " + " | ".join(map(str, total)) + " |")


if __name__ == "__main__":
    command()
