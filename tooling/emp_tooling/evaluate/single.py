"""Replies to held-out prompts, one each."""

from __future__ import annotations

from collections.abc import Sequence

from emp_plugins.measure import Measured, distinct, measure
from emp_tooling.evaluate.errors import error_columns
from emp_tooling.evaluate.guards.answers import answer_of
from emp_tooling.evaluate.material import Material
from emp_tooling.evaluate.measure import phrase_columns
from emp_tooling.evaluate.tables import Table

UNKNOWN = "unknown"


def single_table(material: Material, replies: Sequence[str]) -> tuple[Table, Measured]:
    """Measures the replies to the material's prompts.

    Args:
        material: Prompts and judges.
        replies: One a prompt.

    Returns:
        One unit a prompt, grouped by persona and by risk, with the measures of
        `emp_plugins.measure.measure`, what the phrase bank knows and the errors by name; and the
        replies taken apart. ``distinct`` looks at a malformed reply without its tags, so that a
        model which breaks the form in many ways is not taken for one that says one thing.
    """
    rows, config = material.prompts, material.config
    measured = measure(rows, replies, config, rewards=material.rewards)
    columns = {
        **measured.columns,
        "distinct": distinct([answer_of(reply, material.template) for reply in replies]),
        **phrase_columns(rows, replies, material.template, material.bank),
        **error_columns(rows, replies, measured, config),
    }
    groups = {
        "persona": [str(row.get("persona") or UNKNOWN) for row in rows],
        "risk": [str(row.get("risk") or 0) for row in rows],
    }
    return Table(material.clusters, columns, groups), measured
