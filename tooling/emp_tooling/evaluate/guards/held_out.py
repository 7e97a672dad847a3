"""How the stance scorer agrees with labels that it was not fitted on.

``python -m emp_tooling.evaluate.guards.held_out FILE``. Needs scikit-learn, the extra ``fit``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from emp_plugins.stats import CONFIDENCE, RESAMPLES
from emp_tooling.evaluate.guards import load
from emp_tooling.evaluate.guards.fit import Labelled, read
from emp_tooling.evaluate.guards.stance import STANCES, stances


@dataclass(frozen=True)
class Agreement:
    """How a scorer agrees with labels.

    Attributes:
        kappa: Cohen's kappa.
        low: Low end of its 95 % bootstrap interval over the replies.
        high: Its high end.
        accuracy: Share of replies read as labelled.
        confusion: (3, 3) counts, labels down and readings across, in the order of ``STANCES``.
    """

    kappa: float
    low: float
    high: float
    accuracy: float
    confusion: np.ndarray


def agreement(labelled: Sequence[Labelled], seed: int = 0) -> Agreement:
    """Reads labelled replies with the shipped weights.

    Args:
        labelled: N replies to shipped statements.
        seed: Seed of the resamples.

    Returns:
        Kappa with its interval.
    """
    from sklearn.metrics import cohen_kappa_score, confusion_matrix

    known = {statement.id: statement for statement in load()}
    told = stances([known[one.statement] for one in labelled], [one.reply for one in labelled])
    labels, said = np.array([one.label for one in labelled]), np.array(told)
    rng, size = np.random.default_rng(seed), len(labels)
    drawn = rng.integers(0, size, (RESAMPLES, size))
    tail = 100 * (1 - CONFIDENCE) / 2
    kappas = [cohen_kappa_score(labels[rows], said[rows], labels=STANCES) for rows in drawn]
    low, high = np.percentile(kappas, [tail, 100 - tail])
    return Agreement(
        float(cohen_kappa_score(labels, said)),
        float(low),
        float(high),
        float((labels == said).mean()),
        confusion_matrix(labels, said, labels=STANCES),
    )


@click.command()
@click.argument("labelled", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def command(labelled: Path) -> None:
    """Measure the shipped stance scorer on LABELLED replies, one JSON object a line."""
    rows = read(labelled)
    found = agreement(rows)
    click.echo(
        f"{len(rows)} replies: kappa {found.kappa:.3f} [{found.low:.3f}, {found.high:.3f}], "
        f"accuracy {found.accuracy:.3f}"
    )
    click.echo(f"{'label':>10} read as {'  '.join(STANCES)}")
    for name, counts in zip(STANCES, found.confusion.tolist(), strict=True):
        click.echo(f"{name:>10}         {counts}")


if __name__ == "__main__":
    command()
