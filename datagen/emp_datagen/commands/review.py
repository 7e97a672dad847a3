"""``emp-datagen review``: pairs to human reviewers in Argilla, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from emp_datagen.commands.options import FILE
from emp_plugins.errors import InputError

EXAMPLES = """\b
Examples:
  emp-datagen review data/pairs.jsonl --to argilla --out build/review
  ARGILLA_API_URL=... ARGILLA_API_KEY=... emp-datagen review data/pairs.jsonl --to argilla
  emp-datagen review build/review --from argilla --rows data/pairs.jsonl --out data/reviewed.jsonl
  emp-datagen review --from argilla --rows data/pairs.jsonl --out data/reviewed.jsonl
"""

PLACES = click.Choice(["argilla"])


@click.command("review", epilog=EXAMPLES)
@click.argument("path", metavar="[FILE]", required=False, type=FILE)
@click.option("--to", type=PLACES, help="Send the pairs in FILE to review.")
@click.option("--from", "from_", type=PLACES, help="Read reviewed pairs; FILE may be a folder.")
@click.option("--rows", "rows_", type=FILE, help="With --from: the pairs that were sent.")
@click.option("--out", type=FILE, help="With --to: folder to write. With --from: file to write.")
@click.option("--name", default="", help="Dataset in Argilla; without it by the pairs' file.")
@click.option("--workspace", help="Workspace in Argilla; without it the server's first.")
@click.option(
    "--reviewers",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="With --to: how many answers complete a record.",
)
@click.option("--template", type=FILE, help="Template of the replies, if not the default one.")
@click.option("--bank", type=FILE, help="Folder with your own errors.")
@click.option("--overwrite", is_flag=True, help="With --from: replace a file that exists.")
def command(**given: Any) -> None:
    """Send pairs to human review in Argilla, and read them back.

    Reviewers see the conversation and both replies in random order, not which one is chosen. They
    say which is better, what the clinical error in the other is, and whether it misses a risk.

    With ARGILLA_API_URL and ARGILLA_API_KEY in the environment the dataset is on that server.
    Without them, or with --out, it is a folder that `rg.Dataset.from_disk` loads into any server.
    """
    if bool(given["to"]) == bool(given["from_"]):
        raise InputError("review: give either --to argilla or --from argilla")
    (_to if given["to"] else _from)(given)


def _to(given: dict[str, Any]) -> None:
    from emp_datagen.bank import SHIPPED, load_bank
    from emp_datagen.review import sdk

    path, out = given["path"], given["out"]
    if path is None:
        raise InputError("review: --to needs FILE, the pairs to review")
    if given["rows_"] is not None or given["overwrite"]:
        raise InputError(f"review: --{'rows' if given['rows_'] else 'overwrite'} is for --from")
    rows = _rows(path)
    name = _name(given["name"], path)
    bank = load_bank(given["bank"] or SHIPPED)
    task = sdk.Task(name, rows, bank, _template(given), given["reviewers"])
    if out is None and sdk.credentials():
        workspace = sdk.send(task, given["workspace"])
        click.echo(f"{len(rows)} pairs sent to Argilla: dataset {name}, workspace {workspace}")
        return
    out = out or path.with_suffix(".review")
    sdk.write_folder(task, out)
    click.echo(f"{len(rows)} pairs written to {out}; load them with rg.Dataset.from_disk")


def _from(given: dict[str, Any]) -> None:
    from emp_datagen.commands.generate import check_out
    from emp_datagen.jsonl import write_rows
    from emp_datagen.review import agreement, answers, sdk

    rows_, out = given["rows_"], given["out"]
    for option, value in (("--rows FILE, the pairs that were sent", rows_), ("--out FILE", out)):
        if value is None:
            raise InputError(f"review: --from needs {option}")
    if out.exists() and not given["overwrite"]:
        raise InputError(f"{out}: exists; give --overwrite to replace it")
    check_out(out)
    rows = _rows(rows_)
    if given["path"] is not None:
        records = sdk.read_folder(given["path"])
    else:
        records = sdk.fetch(_name(given["name"], rows_), given["workspace"])
    outcome = answers.join(rows, records, _template(given))
    if not outcome.rows:
        raise InputError(f"{out}: not written; {_left_out(outcome)}, so no pair is left")
    written = write_rows(out, outcome.rows, "pair")
    click.echo(
        f"{written.rows} rows written to {out} (sha256 {written.sha256[:12]}), "
        f"{outcome.swapped} of them swapped; {_left_out(outcome)}"
    )
    click.echo(agreement.line(outcome, records))


def _left_out(outcome: Any) -> str:
    reasons = ", ".join(f"{why} {count}" for why, count in sorted(outcome.left_out.items()))
    told = f"{outcome.left_out.total()} left out" + (f" ({reasons})" if reasons else "")
    return f"{told}; {outcome.strangers} records of no row" if outcome.strangers else told


def _rows(path: Path) -> Sequence[dict[str, Any]]:
    from emp_datagen.jsonl import read_rows

    rows = read_rows(path, "pair")
    seen: set[str] = set()
    for row in rows:
        if row["id"] in seen:
            raise InputError(f"{path}: id {row['id']!r} occurs twice")
        seen.add(row["id"])
    return rows


def _name(name: str, path: Path) -> str:
    return name or re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_") or "review"


def _template(given: dict[str, Any]) -> Any:
    from emp_plugins.completion import Template

    return Template.load(given["template"]) if given["template"] else Template()
