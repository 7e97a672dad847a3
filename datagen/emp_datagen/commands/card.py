"""``emp-datagen card``: the dataset card of a file."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path)
NAME = "README.md"
OWN, OTHERS = "apache-2.0", "unknown"

EXAMPLES = """\b
Examples:
  emp-datagen card data/pairs.jsonl
  emp-datagen card data/pairs.jsonl --licence cc-by-4.0 --title "Pairs" --out cards/pairs.md
"""


@click.command("card", epilog=EXAMPLES)
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, help="File to write; without it README.md beside FILE.")
@click.option("--overwrite", is_flag=True, help="Replace a card that exists.")
@click.option(
    "--licence",
    "--license",
    "licence",
    default="",
    help="Of the rows, by the hub's name; without it apache-2.0, for rows of others unknown.",
)
@click.option("--title", default="", help="Heading; without it the name of FILE.")
@click.option("--persona-dir", type=FILE, help="Folder with your own persona files (*.yml).")
@click.option("--bank", type=FILE, help="Folder with your own strategies or errors.")
@click.option("--template", type=FILE, help="Template of replies with reasoning, or the recipe.")
def command(
    file: Path,
    out: Path | None,
    overwrite: bool,
    licence: str,
    title: str,
    persona_dir: Path | None,
    bank: Path | None,
    template: Path | None,
) -> None:
    """Write the dataset card of a file, as the Hugging Face hub reads it.

    Filled from the rows and from the report of the run beside them: what the file is and how it was
    made, columns, personas, errors, figures, drops, use and limits. It quotes no row, and of
    commands and settings it leaves out addresses' passwords, keys and folders.
    """
    import re

    from emp_datagen import bank as banks
    from emp_datagen.card import Context, render
    from emp_datagen.card.made import foreign
    from emp_datagen.commands.generate import check_out
    from emp_datagen.personas import load
    from emp_datagen.rows import size, template_of
    from emp_datagen.run.progress import bar
    from emp_datagen.stats.measure import measure, report_of
    from emp_plugins.errors import InputError
    from emp_plugins.files import atomic_write

    if licence and not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", licence):
        raise InputError(f"--licence: {licence!r}: write it as the hub does, such as apache-2.0")
    out = out or file.parent / NAME
    if out.resolve() == file.resolve():
        raise InputError(f"{out}: is the file itself")
    if out.exists() and not out.is_dir() and not overwrite:
        raise InputError(f"{out}: exists; give --overwrite to replace it")
    personas = {one.key: one for one in load(("all",), persona_dir)}
    held = banks.load_bank(bank or banks.SHIPPED)
    shape = template_of(template)
    with bar(size(file)) as progress:
        result = measure(file, shape, progress)
    check_out(out)
    context = Context(
        file=file.name,
        result=result,
        report=report_of(file)[0],
        personas=personas,
        bank=held,
        licence=licence or (OTHERS if foreign(result) else OWN),
        title=title or file.stem.replace("_", " "),
    )
    with atomic_write(out) as card:
        card.write(render(context))
    click.echo(f"card written to {out}")
