"""``emp-datagen personas``: the personas that there are, or one of them."""

from __future__ import annotations

from pathlib import Path

import click

EXAMPLES = """\b
Examples:
  emp-datagen personas
  emp-datagen personas mdd
  emp-datagen personas --persona-dir mine --format json
"""


@click.command("personas", epilog=EXAMPLES)
@click.argument("name", default="")
@click.option(
    "--persona-dir", type=click.Path(path_type=Path), help="Folder with more persona files (*.yml)."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table, or one JSON object.",
)
def command(name: str, persona_dir: Path | None, format_: str) -> None:
    """List the personas, or show one.

    With NAME all that its file holds: severities with their codes, people, situations, symptoms,
    thoughts, affect, and how openly risk is disclosed.
    """
    import json

    from emp_datagen.listing.personas import show_all, show_one, summary
    from emp_datagen.listing.tables import known
    from emp_datagen.personas import find, load_persona

    files = find(persona_dir)
    if name:
        one = load_persona(files[known(name, files, "persona")])
        if format_ == "json":
            held = {"name": one.key, **one.model_dump(mode="json", exclude={"key"})}
            click.echo(json.dumps(held, ensure_ascii=False))
        else:
            show_one(one)
        return
    personas = [load_persona(path) for path in files.values()]
    if format_ == "json":
        click.echo(json.dumps({"personas": [summary(one) for one in personas]}, ensure_ascii=False))
    else:
        show_all(personas)
