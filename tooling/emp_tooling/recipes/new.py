"""``emp recipes new``: a copy of a recipe for another base model."""

from __future__ import annotations

from pathlib import Path

import click

EPILOG = """\b
Example:
  emp recipes new my_dpo --from llama31_dpo_cbt --base-model Qwen/Qwen2.5-3B-Instruct
"""


@click.command("new", epilog=EPILOG)
@click.argument("name")
@click.option("--from", "source", required=True, metavar="RECIPE", help="A listed one, or a file.")
@click.option("--base-model", required=True, metavar="M", help="A folder, or a model of the hub.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of the new recipe; by default the folder of the recipes.",
)
@click.pass_obj
def command(folder: Path, name: str, source: str, base_model: str, out: Path | None) -> None:
    """Start a recipe from another one, for another base model.

    NAME.yml is the same text, comments included, with another base_model and an output_dir of its
    own. A file that exists is never replaced.
    """
    from emp_tooling.recipes.edit import start_recipe
    from emp_tooling.recipes.summary import find

    found = find(source, folder)
    path = start_recipe(found, name, base_model, out or folder)
    click.echo(
        f"{path}: {found.name} with base_model {base_model}; what its comments say of memory and "
        f"of the model is still about the old one. Next: emp check {path}"
    )
