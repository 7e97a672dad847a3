"""``emp-datagen stats``: what is in a file."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path)

EXAMPLES = """\b
Examples:
  emp-datagen stats data/pairs.jsonl
  emp-datagen stats data/pairs.parquet --out report
  emp-datagen stats data/pairs.jsonl --format json
"""


@click.command("stats", epilog=EXAMPLES)
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, metavar="DIR", help="Write stats.html, one page, there.")
@click.option("--html", type=FILE, metavar="FILE", help="Write the page under this name.")
@click.option("--template", type=FILE, help="Template of replies with reasoning, or the recipe.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Tables, or one JSON object.",
)
def command(
    file: Path, out: Path | None, html: Path | None, template: Path | None, format_: str
) -> None:
    """Say what is in a file of rows.

    FILE is JSONL or Parquet: pairs, prompts, groups, KTO rows or dialogues, or your own pairs with
    the columns prompt, chosen and rejected. Personas, errors, risk, lengths, diversity,
    near-duplicates, agreement of the judges, and what was dropped. The file is read once; memory
    does not grow with it.
    """
    import json

    from emp_datagen.rows import size, template_of
    from emp_datagen.run.progress import bar
    from emp_datagen.stats.measure import measure
    from emp_datagen.stats.page import write_page
    from emp_datagen.stats.terminal import show

    shape = template_of(template)
    with bar(size(file)) as progress:
        result = measure(file, shape, progress)
    if format_ == "json":
        click.echo(json.dumps(result, ensure_ascii=False, allow_nan=False))
    else:
        show(file, result)
    for page in filter(None, (out and out / "stats.html", html)):
        write_page(page, file, result)
        click.echo(f"page written to {page}", err=True)
