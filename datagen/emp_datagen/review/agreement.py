"""How far reviewers agree: with the file, and with each other by Cohen's kappa."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from emp_datagen.review.answers import Outcome
from emp_datagen.review.form import BETTER, ERROR, MISSED
from emp_datagen.review.sdk import Reviewed


@dataclass(frozen=True)
class Kappa:
    """Agreement of the reviewers with each other on one question.

    Attributes:
        value: Cohen's kappa, the mean over all pairs of reviewers by the records that both
            answered; None where it is not defined, all having given one answer.
        records: Records that two or more answered.
    """

    value: float | None
    records: int


def kappas(records: Sequence[Reviewed]) -> Mapping[str, Kappa]:
    """Agreement on each question that two or more reviewers answered for a record.

    Args:
        records: The reviewed records.

    Returns:
        Question to agreement, questions without an overlap left out.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
    """
    return {name: found for name in (BETTER, ERROR, MISSED) if (found := _kappa(records, name))}


def line(outcome: Outcome, records: Sequence[Reviewed]) -> str:
    """One line on agreement.

    Args:
        outcome: The reviewed pairs.
        records: The records.

    Returns:
        Agreement with the file and between reviewers, with counts.
    """
    kept = outcome.decided - outcome.swapped
    whom = "judges" if all(row["scores"] for row in outcome.rows) else "labels"
    better = _share(kept, outcome.decided)
    parts = [f"reviewers and {whom} agree on the better reply in {better}"]
    if outcome.named:
        same = outcome.named - outcome.relabelled
        parts.append(f"on the error in {_share(same, outcome.named)}")
    return f"{', '.join(parts)}; {_between(records)}"


def _between(records: Sequence[Reviewed]) -> str:
    if not any(len(record.answers) > 1 for record in records):
        return "no record has two reviewers, so there is no kappa"
    try:
        found = kappas(records)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sklearn":
            raise
        return "kappa left out, it needs scikit-learn: pip install 'empathy-recipes[fit]'"
    told = [
        f"{name} {'not defined' if k.value is None else format(k.value, '.2f')} (n {k.records})"
        for name, k in found.items()
    ]
    return f"Cohen's kappa between reviewers: {', '.join(told)}"


def _kappa(records: Sequence[Reviewed], question: str) -> Kappa | None:
    from sklearn.metrics import cohen_kappa_score

    answers = [
        {who: given[question] for who, given in record.answers.items() if given.get(question)}
        for record in records
    ]
    shared = [given for given in answers if len(given) > 1]
    values, weights = [], []
    for one, other in combinations(sorted({who for given in shared for who in given}), 2):
        both = [(given[one], given[other]) for given in shared if one in given and other in given]
        if not both:
            continue
        value = _defined(both, cohen_kappa_score)
        if value is not None:
            values.append(value * len(both))
            weights.append(len(both))
    if not shared:
        return None
    return Kappa(sum(values) / sum(weights) if weights else None, len(shared))


def _defined(both: Sequence[tuple[str, str]], score: Any) -> float | None:
    if len({answer for pair in both for answer in pair}) < 2:
        return None  # scikit-learn warns and answers NaN
    value = float(score(*zip(*both, strict=True)))
    return None if math.isnan(value) else value


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({part / whole:.1%})" if whole else "")
