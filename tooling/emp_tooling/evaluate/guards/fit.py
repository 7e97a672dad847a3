"""Fits the weights of the stance scorer: ``python -m emp_tooling.evaluate.guards.fit FILE ...``.

One file a writer. Needs scikit-learn: ``pip install 'empathy-recipes[fit]'``.
"""

from __future__ import annotations

import json
import math
from collections import Counter
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

INVERSE_REGULARISATION = 0.1
"""Chosen on the writers and batches that were left out."""

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
        writer: Name of the file, without its ending: one file a writer.
        batch: Which replies were written together.
        label: The stance by the codebook.
        reply: What the user reads.
    """

    statement: str
    writer: str
    batch: str
    label: Stance
    reply: str


def read(path: Path) -> list[Labelled]:
    """Reads labelled replies, one JSON object a line.

    Args:
        path: The file of one writer; rows without a batch are a batch of the name of the writer.

    Returns:
        The replies in its order.
    """
    rows = (json.loads(line) for line in path.read_text("utf-8").split("\n") if line)
    return [
        Labelled(
            statement=row["statement"],
            writer=path.stem,
            batch=row.get("batch", path.stem),
            label=row["label"],
            reply=row["reply"],
        )
        for row in rows
    ]


def numbers(labelled: Sequence[Labelled]) -> list[Features]:
    """The features of labelled replies.

    Args:
        labelled: On the shipped statements.

    Returns:
        One mapping a reply.
    """
    by_id = {statement.id: statement for statement in load()}
    return features([by_id[one.statement] for one in labelled], [one.reply for one in labelled])


def fit(found: Sequence[Features], labelled: Sequence[Labelled]) -> Weights:
    """Fits a multinomial logistic regression with an L2 penalty.

    A writer with few replies counts more for each of them, by the square root, so that those of a
    writer with many do not drown them.

    Args:
        found: Features of each reply.
        labelled: The replies.

    Returns:
        The weights.
    """
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    written = Counter(one.writer for one in labelled)
    most = max(written.values())
    table = DictVectorizer()
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=3000, tol=1e-6)
    model.fit(
        table.fit_transform(found),
        [one.label for one in labelled],
        sample_weight=[math.sqrt(most / written[one.writer]) for one in labelled],
    )
    order = [list(model.classes_).index(name) for name in STANCES]
    return Weights(
        bias=model.intercept_[order],
        rows=dict(zip(table.feature_names_, model.coef_[order].T, strict=True)),
    )


def kappa(found: Sequence[Features], labelled: Sequence[Labelled], weights: Weights) -> float:
    """Cohen's kappa between labels and the weights' readings.

    Args:
        found: Features of each reply.
        labelled: The replies.
        weights: Read the features.

    Returns:
        At most 1; 0 for agreement by chance.
    """
    from sklearn.metrics import cohen_kappa_score

    told = [weights.stance(one) for one in found]
    return float(cohen_kappa_score([one.label for one in labelled], told))


def left_out(labelled: Sequence[Labelled], found: Sequence[Features]) -> dict[str, float]:
    """How well each writer and each batch is read by weights that saw only the others.

    Args:
        labelled: Replies of at least two batches beside ``CHECKED``.
        found: Their features.

    Returns:
        Writer, where there are several, and batch to Cohen's kappa; ``CHECKED`` is never fitted on.
    """
    groups: dict[str, set[int]] = {}
    for row, one in enumerate(labelled):
        groups.setdefault(one.writer, set()).add(row)
        groups.setdefault(one.batch, set()).add(row)
    scores = {}
    for name, rest in groups.items():
        seen = [row for row in fitted(labelled) if row not in rest]
        if seen:
            weights = fit([found[row] for row in seen], [labelled[row] for row in seen])
            rows = sorted(rest)
            scores[name] = kappa(
                [found[row] for row in rows], [labelled[row] for row in rows], weights
            )
    return scores


def fitted(labelled: Sequence[Labelled]) -> list[int]:
    """The places of the replies that weights are fitted on.

    Args:
        labelled: All replies.

    Returns:
        All but those of ``CHECKED``.
    """
    return [row for row, one in enumerate(labelled) if one.batch != CHECKED]


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
@click.argument(
    "labelled",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option("--check", is_flag=True, help="Write nothing, only measure.")
def command(labelled: tuple[Path, ...], check: bool) -> None:
    """Fits the stance scorer to LABELLED replies and prints how it reads left-out ones."""
    rows = [row for path in labelled for row in read(path)]
    if len({one.batch for one in rows} - {CHECKED}) < 2:
        raise click.UsageError(f"{labelled[0]}: at least two batches beside {CHECKED!r} are needed")
    found = numbers(rows)
    for name, score in left_out(rows, found).items():
        click.echo(f"{name}: kappa {score:.3f}, left out")
    if not check:
        seen = fitted(rows)
        weights = fit([found[row] for row in seen], [rows[row] for row in seen])
        with resources.as_file(resources.files(__package__) / "weights.yml") as path:
            write(weights, path)


if __name__ == "__main__":
    command()
