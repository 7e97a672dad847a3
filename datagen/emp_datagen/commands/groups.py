"""``emp-datagen groups``: several scored replies to each message."""

from __future__ import annotations

from typing import Any

import click

from emp_datagen.commands import options
from emp_datagen.commands.generate import generate

EXAMPLES = """\b
Examples:
  emp-datagen groups --personas mdd --n 100
  emp-datagen groups --teacher openai:MODEL@URL --candidates 8
"""


@click.command("groups", epilog=EXAMPLES)
@options.clients(n=200, out="data/groups.jsonl")
@options.structure()
@options.errors()
@options.teachers()
@click.option("--judge", default="", metavar="MODEL@URL", help="Add a language model as a judge.")
@click.option("--candidates", type=click.IntRange(2, 64), default=8, show_default=True)
@options.running()
def command(**given: Any) -> None:
    """Write k replies to each message with their scores.

    Half of them are good replies in different styles, half make different clinical errors, in
    random order. To look at what GRPO would compare, to train a reward model, or to rank.
    """
    generate("groups", given)
