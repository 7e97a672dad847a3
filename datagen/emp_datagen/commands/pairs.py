"""``emp-datagen pairs``: preference pairs for DPO."""

from __future__ import annotations

from typing import Any

import click

from emp_datagen.commands import options
from emp_datagen.commands.generate import generate

EXAMPLES = """\b
Examples:
  emp-datagen pairs --personas mdd
  emp-datagen pairs --personas all --n 5000 --turns 3 --workers 2 --out data/big.jsonl
  emp-datagen pairs --teacher openai:llama3.1@http://127.0.0.1:11434/v1 --critique
  emp-datagen pairs --config recipes/datagen/mdd_pairs.yml --seed 7
"""


@click.command("pairs", epilog=EXAMPLES)
@options.clients(n=600, out="data/pairs.jsonl")
@options.structure()
@options.errors()
@options.teachers()
@options.judges(0.1, 1.6)
@click.option(
    "--select",
    type=click.Choice(["label", "judge"]),
    default="label",
    show_default=True,
    help="label: the labelled error is rejected; judge: the worst of --candidates is.",
)
@click.option("--candidates", type=click.IntRange(2, 32), default=4, show_default=True)
@click.option("--critique", is_flag=True, help="Add a column that says why rejected harms.")
@click.option("--revise", is_flag=True, help="The teacher rewrites its good reply first.")
@options.running()
def command(**given: Any) -> None:
    """Write preference pairs for DPO.

    Each row has a client's message with the conversation before it, a good reply (chosen) and a
    reply that makes one named clinical error (rejected), both scored by the judges. A pair that the
    judges do not confirm is dropped and counted; `emp-datagen errors` lists the errors.
    """
    generate("pairs", given)
