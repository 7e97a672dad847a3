"""``emp schema``: the JSON Schema of a recipe, for editors and for ``emp check``."""

from __future__ import annotations

from pathlib import Path

import click

from emp_plugins.check.deep.quiet import quiet
from emp_plugins.check.schema import FILE
from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write

EXAMPLES = """\b
Examples:
  emp schema --check
  emp schema --descriptions --out axolotl.schema.json
"""


@click.command(name="schema", epilog=EXAMPLES)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=FILE,
    show_default="the committed file",
    help="File to write.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where the file is stale.")
@click.option(
    "--descriptions",
    is_flag=True,
    help="Quote Axolotl's own descriptions of its keys, for an editor to show; give --out with it.",
)
def command(out: Path, check: bool, descriptions: bool) -> None:
    """Write the JSON Schema of a recipe: Axolotl's keys, its integrations' and ours."""
    if descriptions and out == FILE:
        raise InputError("--descriptions: give --out; the committed file has none of Axolotl's")
    try:
        with quiet():
            from emp_tooling.schema.recipe import text

            fresh = text(descriptions)
    except ImportError as error:
        raise InputError(f"{error.name} is missing: pip install 'empathy-recipes[train]'") from None
    if check and (not out.is_file() or out.read_text(encoding="utf-8") != fresh):
        click.echo(f"{out}: stale; run `emp schema` and commit the file", err=True)
        raise SystemExit(1)
    if not check:
        with atomic_write(out) as file:
            file.write(fresh)
        click.echo(out)
