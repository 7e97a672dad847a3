"""The files of an evaluation."""

from __future__ import annotations

from typing import Any

from emp_plugins.files import atomic_write
from emp_tooling.evaluate import card, page, results
from emp_tooling.evaluate.run import Evaluated

REPORT = "report.html"


def write_all(found: Evaluated) -> dict[str, Any]:
    """Writes numbers, replies, page and model card into ``settings.out``.

    Args:
        found: The evaluation.

    Returns:
        The numbers, as ``results.json`` holds them.
    """
    out, content = found.settings.out, results.results(found)
    results.write(found, content)
    page.write(out / REPORT, found, content)
    with atomic_write(out / card.NAME) as file:
        file.write(card.card(content, found.recipe))
    return content
