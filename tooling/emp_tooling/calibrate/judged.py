"""Judges by themselves: the one that a recipe names, and its scores of texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emp_plugins.affect import hourglass
from emp_plugins.errors import InputError, did_you_mean
from emp_tooling.labels import Labelled

PAIRS = ("llm", "similarity")
"""Kinds of judges that read a client's text and a reply."""

AFFECT = (*map(str.lower, hourglass.AXES), "polarity")
"""What the affective matrix makes of the emotion judge's outputs."""


def load_judge(recipe: Path, kind: str, embedded: bool) -> tuple[Any, np.ndarray]:
    """The judge that a recipe names; its other settings may still be incomplete.

    Args:
        recipe: The recipe's file.
        kind: Kind of judge.
        embedded: Take the embedded one instead.

    Returns:
        The judge, and the recipe's affective matrix.

    Raises:
        InputError: The recipe or the block is wrong, the judge cannot be loaded or lacks a package.
    """
    from emp_plugins import judges
    from emp_tooling.recipe import block, read_recipe

    empathy = block(read_recipe(recipe), "empathy", recipe)
    settings = block(empathy, "judges", recipe).get(kind, {"backend": "embedded"})
    if embedded:
        settings = {"backend": "embedded"}
    matrix = hourglass.matrix(block(empathy, "matrix", recipe))
    try:
        spec = judges.read_spec(kind, settings, (f"{recipe}: empathy", "judges"))
        return judges.load(kind, spec), matrix
    except ImportError as error:
        raise InputError(f"judge {kind}: {error}; pip install 'empathy-recipes[judges]'") from None


def judge_scores(
    judge: Any,
    kind: str,
    column: str | None,
    data: Labelled,
    matrix: np.ndarray = hourglass.MATRIX,
) -> np.ndarray:
    """Scores the texts.

    Args:
        judge: Any judge.
        kind: Its kind; those of ``PAIRS`` get client and text.
        column: Which output, where there are several; of the emotion judge also one of ``AFFECT``.
        data: The texts.
        matrix: The affective matrix.

    Returns:
        (N,) finite scores.

    Raises:
        InputError: The column is missing or unknown, or a score is not finite.
    """
    pairs = list(zip(data.clients, data.texts, strict=True))
    scores = np.asarray(judge.score(pairs if kind in PAIRS else data.texts), dtype=float)
    if scores.ndim == 2:
        names = list(getattr(judge, "labels", ()) or map(str, range(scores.shape[1])))
        if kind == "emotion":
            dims = hourglass.dimensions(scores, matrix)
            scores = np.column_stack([scores, dims, hourglass.polarity(dims)])
            names += AFFECT
        if column not in names:
            problem = (
                f"{column!r} is none of its outputs" if column else "choose one of its outputs"
            )
            raise InputError(f"--column: {problem}; {did_you_mean(column or '', names)}")
        scores = scores[:, names.index(column)]
    elif column:
        raise InputError(f"--column: judge {kind} has one output; leave the option out")
    if not np.isfinite(scores).all():
        missing = np.flatnonzero(~np.isfinite(scores))
        raise InputError(
            f"judge {kind}: no score for {len(missing)} of {len(scores)} distinct texts, the first "
            f"is number {missing[0] + 1}; leave those out or try again"
        )
    return scores


def score_range(judge: Any, column: str | None, scores: np.ndarray) -> tuple[float, float]:
    """The least and the greatest score that a judge gives.

    Args:
        judge: Any judge.
        column: Which of its outputs.
        scores: Its scores, for judges that do not know their range.

    Returns:
        Low and high end.
    """
    if column in AFFECT:
        return -1.0, 1.0
    return getattr(judge, "range", None) or (float(scores.min()), float(scores.max()))
