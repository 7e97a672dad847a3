"""``emp-datagen dialogues``: transcripts for SFT."""

from __future__ import annotations

from typing import Any

import click

from emp_datagen.commands import options
from emp_datagen.commands.generate import generate

EXAMPLES = """\b
Examples:
  emp-datagen dialogues --personas all --n 1000 --turns 5
"""


@click.command("dialogues", epilog=EXAMPLES)
@options.clients(n=200, out="data/dialogues.jsonl", turns=4)
@options.structure()
@options.teachers()
@click.option("--no-judge", is_flag=True, help="Keep every dialogue; nothing is scored.")
@click.option("--judge", default="", metavar="MODEL@URL", help="Add a language model as a judge.")
@options.running()
def command(**given: Any) -> None:
    """Write dialogues for SFT.

    Client and therapist in turns; every client message stands under the state of that turn, and
    every reply is a good one. A dialogue with a reply that a safety or affect rule forbids is
    dropped and counted.
    """
    generate("dialogues", given)
