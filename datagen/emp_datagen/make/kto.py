"""Rows for KTO: one reply and whether it is good; the judges' say alone decides what is kept."""

from __future__ import annotations

from emp_datagen.cases import Case, Plan
from emp_datagen.crew import Crew
from emp_datagen.make import Made, pairs

KIND = "kto"
ROWS = 2


async def make(plan: Plan, case: Case, crew: Crew) -> Made:
    """Two rows by ``kto.schema.json`` from a pair, or the reason why there are none."""
    made = await pairs.make(plan, case, crew)
    rows = []
    for row in made.rows:
        texts = {name: row.pop(name) for name in ("prompt", "chosen", "rejected")}
        scores = row.pop("scores")
        for name, label in (("chosen", True), ("rejected", False)):
            rows.append(
                {
                    **row,
                    "id": f"{row['id']}-{name}",
                    "prompt": texts["prompt"],
                    "completion": texts[name],
                    "label": label,
                    "error": None if label else row["error"],
                    "scores": scores and scores[name],
                }
            )
    return Made(rows, made.dropped, made.error, made.agrees)
