"""``emp-datagen kto``: single replies with a label for KTO."""

from __future__ import annotations

from typing import Any

import click

from emp_datagen.commands import options
from emp_datagen.commands.generate import generate

EXAMPLES = """\b
Examples:
  emp-datagen kto --personas mdd,gad --n 1200
"""


@click.command("kto", epilog=EXAMPLES)
@options.clients(n=1200, out="data/kto.jsonl")
@options.structure()
@options.errors()
@options.teachers()
@options.judges(0.1, 1.6)
@options.running()
def command(**given: Any) -> None:
    """Write single replies with a label for KTO.

    Rows come in twos from pairs that the judges confirm: the good reply with label true, and the
    reply with the clinical error with label false.
    """
    generate("kto", given)
