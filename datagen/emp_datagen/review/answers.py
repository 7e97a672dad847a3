"""From what reviewers answered back to pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emp_datagen.review.form import BETTER, BOTH_BAD, ERROR, NONE, A, B, shown
from emp_datagen.review.sdk import Reviewed
from emp_plugins.completion import Template
from emp_plugins.errors import InputError

Row = dict[str, Any]


@dataclass
class Outcome:
    """The reviewed pairs, and what became of the others.

    Attributes:
        rows: Pairs whose chosen reply is the reviewers' choice.
        swapped: How many of them were the other way round before.
        relabelled: How many of the others have another clinical error than before.
        named: How many of the others have a clinical error that the reviewers decided on.
        left_out: Reason to how many rows: ``both bad``, ``tied``, ``unanswered``, ``not sent``.
        strangers: Records of no row.
    """

    rows: list[Row] = field(default_factory=list)
    swapped: int = 0
    relabelled: int = 0
    named: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    strangers: int = 0

    @property
    def decided(self) -> int:
        """Pairs of which the reviewers prefer one reply."""
        return len(self.rows)


def majority(values: Iterable[Any]) -> Any:
    """The most frequent answer, or None where there is none or several are.

    Example:
        >>> majority("aab"), majority("ab"), majority("")
        ('a', None, None)
    """
    counts = Counter(values).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def join(rows: Sequence[Row], records: Sequence[Reviewed], template: Template) -> Outcome:
    """Makes the pairs that the reviewers want.

    The majority of the reviewers decides. What they say about the error counts where they are of
    the majority, since for the others it is about the other reply.

    Args:
        rows: The pairs that were sent.
        records: The records, by the ids of their rows.
        template: Tags of the replies, as when they were sent.

    Returns:
        The reviewed pairs in the order of ``rows``.

    Raises:
        InputError: A record does not show its row's replies, or no record has a row.
    """
    found = {record.id: record for record in records}
    outcome = Outcome(strangers=len(found.keys() - {row["id"] for row in rows}))
    if outcome.strangers == len(found):
        raise InputError("--rows: none of its ids is among the reviewed records; another file?")
    for row in rows:
        record = found.get(row["id"])
        if record is None:
            outcome.left_out["not sent"] += 1
            continue
        _add(outcome, row, record, template)
    return outcome


def _add(outcome: Outcome, row: Row, record: Reviewed, template: Template) -> None:
    places = _places(row, record, template)
    given = record.answers.values()
    better = majority(one[BETTER] for one in given if one.get(BETTER))
    if better is None:
        answered = any(one.get(BETTER) for one in given)
        outcome.left_out["tied" if answered else "unanswered"] += 1
    elif better == BOTH_BAD:
        outcome.left_out["both bad"] += 1
    elif better not in places:
        raise InputError(f"record {row['id']}: {BETTER}: no such answer")
    else:
        agreeing = [one for one in given if one.get(BETTER) == better]
        error = majority(one[ERROR] for one in agreeing if one.get(ERROR))
        _keep(outcome, row, places[better] == "rejected", error)


def _keep(outcome: Outcome, row: Row, swap: bool, error: str | None) -> None:
    new = swapped(row) if swap else dict(row)
    if error is not None:
        new["error"] = None if error == NONE else error
    if new["error"] != row["error"]:
        # It says why the reply makes the error that it was made for.
        new.pop("critique", None)
    outcome.rows.append(new)
    outcome.swapped += swap
    outcome.named += not swap and error is not None
    outcome.relabelled += not swap and new["error"] != row["error"]


def swapped(row: Row) -> Row:
    """A pair the other way round: no error is known of what was chosen.

    Example:
        >>> row = {"chosen": "a", "rejected": "b", "error": "dismissal", "scores": None}
        >>> swapped(row)
        {'chosen': 'b', 'rejected': 'a', 'error': None, 'scores': None}
    """
    new = {**row, "chosen": row["rejected"], "rejected": row["chosen"], "error": None}
    new.pop("critique", None)
    if scores := row["scores"]:
        new["scores"] = {
            "chosen": scores["rejected"],
            "rejected": scores["chosen"],
            "margin": -scores["margin"] + 0.0,
        }
    return new


def _places(row: Row, record: Reviewed, template: Template) -> Mapping[str, str]:
    """Which reply was shown where, by its text."""
    texts = [shown(row[name], template) for name in ("chosen", "rejected")]
    seen = [record.fields.get(A), record.fields.get(B)]
    if seen not in (texts, texts[::-1]):
        raise InputError(
            f"--rows: {row['id']}: its replies are not those that were reviewed; another file, "
            "or another --template?"
        )
    names = ("chosen", "rejected") if seen == texts else ("rejected", "chosen")
    return dict(zip((A, B), names, strict=True))
