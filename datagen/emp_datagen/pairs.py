"""``emp-datagen pairs``: preference pairs for DPO."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from emp_datagen.options import FILE, check_out, common, summary, tracked

EXAMPLES = """\b
Examples:
  emp-datagen pairs --personas mdd
  emp-datagen pairs --personas mdd,gad --n 2000 --seed 7 --out data/big.jsonl
  emp-datagen pairs --structure --header short
"""


@click.command("pairs", epilog=EXAMPLES)
@common(default_n=600, default_out="data/pairs.jsonl")
@click.option("--structure", is_flag=True, help="Put replies in reasoning and answer tags.")
@click.option("--template", type=FILE, help="YAML file with other tags; implies --structure.")
def command(
    personas: tuple[str, ...],
    persona_dir: Path | None,
    structure: bool,
    template: Path | None,
    out: Path,
    format_: Any,
    **plan: Any,
) -> None:
    """Write preference pairs for DPO.

    Each row has a client's message, a good reply (chosen) and a reply that makes one named clinical
    error (rejected): direct_advice, missed_risk_signal, invalidation or toxic_positivity.
    """
    from emp_datagen import generate, jsonl, teachers
    from emp_datagen.personas import load
    from emp_plugins.completion import Template

    shape = Template.load(template) if template else Template() if structure else None
    loaded = load(personas, persona_dir)
    check_out(out)
    order = generate.Plan(loaded, format=format_, template=shape, **plan)
    counts: dict[str, Counter[Any]] = {name: Counter() for name in ("persona", "error", "risk")}
    rows = tracked(generate.pairs(order, teachers.load()), order.n, counts)
    click.echo(summary(jsonl.write_rows(out, rows, "pair"), counts))
