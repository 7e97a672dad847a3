"""``emp-datagen prompts``: client messages with their state for GRPO."""

from __future__ import annotations

from typing import Any

import click

from emp_datagen.commands import options
from emp_datagen.commands.generate import generate

EXAMPLES = """\b
Examples:
  emp-datagen prompts
  emp-datagen prompts --personas gad --n 100 --split dev --out data/dev.jsonl
  emp-datagen prompts --turns 4 --risk-share 0.3
"""


@click.command("prompts", epilog=EXAMPLES)
@options.clients(n=400, out="data/prompts.jsonl")
@options.teachers()
@options.running()
def command(**given: Any) -> None:
    """Write client messages with their state for GRPO.

    Each row has a client's message and, as columns, the state, the affect axis in deficit (target)
    and the risk, which the rewards read. With --turns the conversation stands before it.
    """
    generate("prompts", given)
