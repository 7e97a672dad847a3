"""Fits the weights of the stance scorer: ``python -m emp_tooling.evaluate.guards.fit FILE``.

Needs scikit-learn: ``pip install 'empathy-recipes[fit]'``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import click
import numpy as np

from emp_plugins.files import atomic_write
from emp_tooling.evaluate.guards import load
from emp_tooling.evaluate.guards.features import Features, features
from emp_tooling.evaluate.guards.stance import STANCES, Stance, Weights

INVERSE_REGULARISATION = 0.3
"""Chosen on the batches that were left out."""

CHECKED = "fresh"
"""The batch that nothing is fitted on."""

_HEAD = """\
# Weights of the stance scorer: for each feature (features.py) one for agrees, corrects and unclear.
# Written by `python -m emp_tooling.evaluate.guards.fit`; change the replies or the cues, not this.
"""


@dataclass(frozen=True)
class Labelled:
    """A reply with its label.

    Attributes:
        statement: Id of the statement.
        batch: Which replies were written together.
        label: The stance by the codebook.
        reply: What the user reads.
    """

    statement: str
    batch: str
    label: Stance
    reply: str


def read(path: Path) -> list[Labelled]:
    """Reads labelled replies, one JSON object a line.

    Args:
        path: The file.

    Returns:
        The replies in its order.
    """
    return [Labelled(**json.loads(line)) for line in path.read_text("utf-8").split("\n") if line]


def numbers(labelled: Sequence[Labelled]) -> list[Features]:
    """The features of labelled replies.

    Args:
        labelled: On the shipped statements.

    Returns:
        One mapping a reply.
    """
    by_id = {statement.id: statement for statement in load()}
    return features([by_id[one.statement] for one in labelled], [one.reply for one in labelled])


def fit(found: Sequence[Features], labels: Sequence[Stance]) -> Weights:
    """Fits a multinomial logistic regression with an L2 penalty, each stance of equal weight.

    Args:
        found: Features of each reply.
        labels: Its stance.

    Returns:
        The weights.
    """
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    table = DictVectorizer()
    model = LogisticRegression(
        C=INVERSE_REGULARISATION, class_weight="balanced", max_iter=3000, tol=1e-6
    )
    model.fit(table.fit_transform(found), labels)
    order = [list(model.classes_).index(name) for name in STANCES]
    return Weights(
        bias=model.intercept_[order],
        rows=dict(zip(table.feature_names_, model.coef_[order].T, strict=True)),
    )


def kappa(found: Sequence[Features], labels: Sequence[Stance], weights: Weights) -> float:
    """Cohen's kappa between labels and the weights' readings.

    Args:
        found: Features of each reply.
        labels: Its stance.
        weights: Read the features.

    Returns:
        At most 1; 0 for agreement by chance.
    """
    from sklearn.metrics import cohen_kappa_score

    told = [weights.stance(one) for one in found]
    return float(cohen_kappa_score(labels, told))


def left_out(labelled: Sequence[Labelled], found: Sequence[Features]) -> dict[str, float]:
    """How well each batch is read by weights that saw only the others.

    Args:
        labelled: Replies of at least two batches beside ``CHECKED``.
        found: Their features.

    Returns:
        Batch to Cohen's kappa; ``CHECKED`` is never fitted on.
    """
    scores = {}
    for batch in dict.fromkeys(one.batch for one in labelled):
        seen = [row for row, one in enumerate(labelled) if one.batch not in (batch, CHECKED)]
        rest = [row for row, one in enumerate(labelled) if one.batch == batch]
        weights = fit([found[row] for row in seen], [labelled[row].label for row in seen])
        scores[batch] = kappa(
            [found[row] for row in rest], [labelled[row].label for row in rest], weights
        )
    return scores


def write(weights: Weights, path: Path) -> None:
    """Writes weights as ``stance.shipped`` reads them.

    Args:
        weights: Rounded to three decimals.
        path: The YAML file.
    """
    with atomic_write(path) as file:
        file.write(f"{_HEAD}bias: {_row(weights.bias)}\nweights:\n")
        file.writelines(f"  {name}: {_row(row)}\n" for name, row in sorted(weights.rows.items()))


def _row(values: np.ndarray) -> str:
    return json.dumps([round(float(value), 3) for value in values])


@click.command()
@click.argument("labelled", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", is_flag=True, help="Write nothing, only measure.")
def command(labelled: Path, check: bool) -> None:
    """Fits the stance scorer to LABELLED replies and prints how it reads left-out batches."""
    rows = read(labelled)
    if len({one.batch for one in rows} - {CHECKED}) < 2:
        raise click.UsageError(f"{labelled}: at least two batches beside {CHECKED!r} are needed")
    found = numbers(rows)
    for batch, score in left_out(rows, found).items():
        click.echo(f"{batch}: kappa {score:.3f}, left out")
    seen = [row for row, one in enumerate(rows) if one.batch != CHECKED]
    weights = fit([found[row] for row in seen], [rows[row].label for row in seen])
    if not check:
        with resources.as_file(resources.files(__package__) / "weights.yml") as path:
            write(weights, path)


if __name__ == "__main__":
    command()
