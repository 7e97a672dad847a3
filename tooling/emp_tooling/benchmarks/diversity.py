"""``python -m emp_tooling.benchmarks.diversity``: generated replies beside those of people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from emp_datagen.lazy import Failure
from emp_plugins.errors import InputError

EXAMPLES = """\b
Example:
  python -m emp_tooling.benchmarks.diversity data/pairs.jsonl --labels epitome:DIR
"""


@click.command(name="diversity", epilog=EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--labels",
    required=True,
    metavar="SOURCE",
    help="epitome:DIR, or a CSV file with client, reply, level: replies by people.",
)
def command(file: Path, labels: str) -> None:
    """Compare distinct-2 of a file's replies with that of people's, at the same number of tokens.

    A sample of at most 500 replies a side, with a fixed seed; the longer sample is cut off.
    """
    try:
        click.echo(json.dumps(compare(file, labels)))
    except InputError as error:
        raise Failure(str(error)) from error


def compare(file: Path, labels: str) -> dict[str, Any]:
    """Distinct-2 of people's replies, of all of a file's, and of each side of its pairs.

    Args:
        file: A file of pairs, KTO rows, groups or dialogues.
        labels: Replies by people, as ``emp audit`` takes them.

    Returns:
        ``all`` and each side, each with ``distinct_2``, that of the ``people``, their ``ratio`` and
        the ``tokens`` that both were cut to.

    Raises:
        InputError: A file is missing or has a mistake.
    """
    from emp_datagen import rows as forms
    from emp_datagen.jsonl import read_any
    from emp_datagen.stats.text import Reservoir
    from emp_tooling.audit.labels import read

    people = _sampled(row.reply for row in read(labels).rows)
    sides: dict[str, Reservoir] = {"all": Reservoir()}
    known = None
    for number, row in enumerate(read_any(file), 1):
        known = forms.form_at(f"{file}:{number}", row, known)
        for side, text in forms.replies(row, known):
            sides.setdefault(side, Reservoir()).add(text)
            sides["all"].add(text)
    return {side: _beside(kept.texts, people) for side, kept in sides.items()}


def _sampled(texts: Iterable[str]) -> list[str]:
    from emp_datagen.stats.text import Reservoir

    kept = Reservoir()
    for text in texts:
        kept.add(text)
    return kept.texts


def _beside(ours: list[str], people: list[str]) -> dict[str, Any]:
    from emp_datagen.stats.text import distinct, tokens

    most = min(sum(len(tokens(text)) for text in texts) for texts in (ours, people))
    one, other = (distinct(texts, 2, most) or 0.0 for texts in (ours, people))
    ratio = round(one / other, 3) if other else None
    return {
        "distinct_2": round(one, 4),
        "people": round(other, 4),
        "ratio": ratio,
        "tokens": most,
    }


if __name__ == "__main__":
    command()
