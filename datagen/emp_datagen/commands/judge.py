"""``emp-datagen judge``: score and filter an existing file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emp_datagen.commands.config import config_option

FILE = click.Path(path_type=Path)

EXAMPLES = """\b
Examples:
  emp-datagen judge mine.jsonl
  emp-datagen judge mine.parquet --swap --min-margin 0.2 --out better.parquet
  emp-datagen judge data/pairs.jsonl --keep-all --config recipes/datagen/hub_judges.yml
"""


@click.command("judge", epilog=EXAMPLES)
@config_option
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, help="File to write; without it FILE with .judged in its name.")
@click.option("--overwrite", is_flag=True, help="Replace a file that exists.")
@click.option("--judge", default="", metavar="MODEL@URL", help="Add a language model as a judge.")
@click.option(
    "--min-margin",
    type=click.FloatRange(0),
    default=0.1,
    show_default=True,
    help="How much better than rejected chosen must be.",
)
@click.option(
    "--max-length-ratio",
    type=click.FloatRange(1),
    default=1.6,
    show_default=True,
    help="How much longer one reply may be than the other, in words.",
)
@click.option(
    "--swap",
    is_flag=True,
    help="Exchange chosen and rejected where the judges clearly prefer the other one.",
)
@click.option("--keep-all", is_flag=True, help="Only score: drop nothing, exchange nothing.")
@click.option("--template", type=FILE, help="Template of replies with reasoning, or the recipe.")
@click.option(
    "--exclude",
    multiple=True,
    type=FILE,
    help="Drop rows whose texts are much like one in this file; can be repeated.",
)
def command(file: Path, out: Path | None, **given: Any) -> None:
    """Score and filter an existing file, ours or your own.

    FILE is JSONL or Parquet: pairs (prompt, chosen, rejected, as strings or messages), KTO rows,
    groups, or prompts with a completion. Every row gets a column scores (one of that name is
    replaced); all other columns are kept. A pair that the judges do not confirm is dropped and
    counted, and so are near-duplicates, a KTO row labelled true or a completion that a rule
    forbids, and a group in which no reply is better than another.
    """
    from emp_datagen.commands.generate import check_out
    from emp_datagen.rows import size
    from emp_datagen.run.progress import bar

    if given["swap"] and given["keep_all"]:
        raise click.UsageError("--swap and --keep-all: give one of them")
    out = out or file.with_name(f"{file.stem}.judged{file.suffix}")
    check_out(out)
    with bar(size(file)) as progress:
        report, swapped = run(file, out, given, progress)
    parts = report.line().split("; ")
    if given["swap"]:
        parts.insert(1, f"{swapped} swapped")
    click.echo("; ".join(parts))


def run(file: Path, out: Path, given: dict[str, Any], progress: Any) -> tuple[Any, int]:
    """Judges a file and writes the report beside the new one.

    Args:
        file: The file.
        out: The new one.
        given: The verb's options.
        progress: Called with the number of rows judged since the last call.

    Returns:
        The report, and how many pairs were exchanged.

    Raises:
        InputError: An option or a row is wrong, or the new file exists.
    """
    import shlex
    import sys
    import time

    from emp_datagen.commands.generate import judging_block
    from emp_datagen.judging.clinical import ClinicalJudge
    from emp_datagen.judging.select import Rule
    from emp_datagen.redact import redacted, redacted_command
    from emp_datagen.rows import template_of
    from emp_datagen.run.existing import Options, rejudge
    from emp_datagen.run.report import Report
    from emp_plugins.errors import InputError

    if not file.is_file():
        raise InputError(f"{file}: no such file")
    if out.exists() and not given["overwrite"]:
        raise InputError(f"{out}: exists; give --overwrite to replace it")
    for path in given["exclude"]:
        if not path.is_file():
            raise InputError(f"--exclude: {path}: no such file")
    started = time.monotonic()
    block = judging_block(given)
    rule = Rule("label", given["min_margin"], given["max_length_ratio"])
    options = Options(
        rule, given["swap"], given["keep_all"], given["exclude"], template_of(given["template"])
    )
    done = rejudge(file, out, ClinicalJudge(block), options, progress)
    report = Report(
        command=redacted_command(shlex.join(["emp-datagen", *sys.argv[1:]])),
        file=out.name,
        sha256=done.sha256,
        written=done.written,
        attempted=done.attempted,
        dropped=done.dropped,
        failed={},
        agreement=done.agreement,
        calls=0,
        tokens_in=0,
        tokens_out=0,
        retries=0,
        cost=0.0,
        seconds=round(time.monotonic() - started, 1),
        run={
            "source": file.name,
            "swapped": done.swapped,
            "crew": {"judging": redacted(block), "judged": True, "rule": rule.__dict__},
            "keep_all": options.keep_all,
        },
        path=out,
    )
    report.write()
    return report, done.swapped
