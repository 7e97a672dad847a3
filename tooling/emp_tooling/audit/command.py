"""``emp audit``: rewards against human labels, attacks and disclosed risk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from emp_plugins.files import atomic_write
from emp_tooling.user_code import importable

FILE = click.Path(path_type=Path)


EXAMPLES = """\b
Examples:
  emp audit recipes/llama31_grpo_empathy.yml --embedded
  emp audit my.yml --labels epitome:data/epitome --labels mine.csv --out audit
  emp audit my.yml --embedded --only risk --format json
"""


@click.command(name="audit", epilog=EXAMPLES)
@click.argument("recipe", type=FILE)
@click.option("--embedded", is_flag=True, help="Use the embedded judge for every other one.")
@click.option(
    "--labels",
    multiple=True,
    metavar="SOURCE",
    help="epitome:DIR, or a CSV file with client, reply, level; can be repeated.",
)
@click.option(
    "--preset",
    "presets",
    multiple=True,
    default=("seed",),
    show_default=True,
    metavar="NAME",
    help="Rewards to stand beside the recipe's, or none; can be repeated.",
)
@click.option(
    "--n",
    type=click.IntRange(min=1),
    default=120,
    show_default=True,
    help="Clients that are attacked; as many again from the labels.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="The same seed, the same numbers."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="What goes to stdout.",
)
@click.option("--out", type=FILE, help="Folder for audit.html and audit.json.")
@click.option("--only", type=click.Choice(["agreement", "attacks", "risk"]), help="One part alone.")
def command(
    recipe: Path,
    embedded: bool,
    labels: tuple[str, ...],
    presets: tuple[str, ...],
    n: int,
    seed: int,
    format_: str,
    out: Path | None,
    only: str | None,
) -> None:
    """Measure a recipe's rewards before they train anything.

    Agreement with human labels, beside trivial scores; how often attacks beat good replies on the
    total; missed risk and false alarms. Functions of your own under trl.reward_funcs are measured
    like the others, behind the gate where the recipe has one.
    """
    from emp_tooling.audit.run import PARTS, Order, audit

    order = Order(
        recipe=recipe,
        labels=labels,
        presets=[name for name in dict.fromkeys(presets) if name != "none"],
        n=n,
        seed=seed,
        embedded=embedded,
        parts=(only,) if only else PARTS,
    )
    with importable():
        result = audit(order, _progress)
    text = json.dumps(result, indent=2, allow_nan=False, ensure_ascii=False)
    if out is not None:
        _write(out, result, text)
    if format_ == "json":
        click.echo(text)
    else:
        _show(result)


def _write(out: Path, result: dict[str, Any], text: str) -> None:
    from emp_tooling.audit.report.page import write_page

    with atomic_write(out / "audit.json") as file:
        file.write(text + "\n")
    write_page(out / "audit.html", result)
    click.echo(f"written: {out / 'audit.html'} and {out / 'audit.json'}", err=True)


def _show(result: dict[str, Any]) -> None:
    from rich.console import Console

    from emp_tooling.audit.report.terminal import show

    show(result, Console())


def _progress(line: str) -> None:
    click.echo(line, err=True)
