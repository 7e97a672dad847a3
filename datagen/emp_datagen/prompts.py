"""``emp-datagen prompts``: client messages with their state for GRPO."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from emp_datagen.options import check_out, common, summary, tracked

EXAMPLES = """\b
Examples:
  emp-datagen prompts
  emp-datagen prompts --personas gad --n 100 --split dev --out data/dev.jsonl
"""


@click.command("prompts", epilog=EXAMPLES)
@common(default_n=400, default_out="data/prompts.jsonl")
def command(
    personas: tuple[str, ...],
    persona_dir: Path | None,
    out: Path,
    format_: Any,
    **plan: Any,
) -> None:
    """Write client messages with their state for GRPO.

    Each row has a client's message and, as columns, the state, the affect axis in deficit (target)
    and the risk, which the rewards read.
    """
    from emp_datagen import generate, jsonl
    from emp_datagen.personas import load

    order = generate.Plan(load(personas, persona_dir), format=format_, **plan)
    check_out(out)
    counts: dict[str, Counter[Any]] = {name: Counter() for name in ("persona", "risk")}
    rows = tracked(generate.prompts(order), order.n, counts)
    click.echo(summary(jsonl.write_rows(out, rows, "prompt"), counts))
