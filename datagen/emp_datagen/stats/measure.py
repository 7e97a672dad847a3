"""Measures a file in one pass; memory does not grow with the number of rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emp_datagen import rows as forms
from emp_datagen.duplicates import NearDuplicates
from emp_datagen.jsonl import mistake
from emp_datagen.run import report as reports
from emp_datagen.stats.text import Median, Reservoir, cut, distinct, words
from emp_plugins.completion import Template
from emp_plugins.errors import InputError

Row = Mapping[str, Any]

NAMES = 500
"""Names of one column that are counted each for itself, at most."""

OTHER = "(other)"
"""Under this name stand values that are no names, and those after the first ``NAMES``."""

UNLABELLED = "(unlabelled)"
"""Judged pairs that name no clinical error."""


class Measure:
    """Counts rows that pass by.

    Args:
        template: How replies with reasoning are written; what is measured is their answer.
    """

    def __init__(self, template: Template) -> None:
        self.kind: forms.Form | None = None
        self.rows = 0
        self.columns: dict[str, None] = {}
        self.counts: dict[str, Counter[str]] = {
            name: Counter() for name in ("persona", "error", "risk", "turns", "teacher")
        }
        self._template = template
        self._ours = self._valid = 0
        self._agreement: dict[str, list[int]] = {}
        self._lengths: defaultdict[str, Median] = defaultdict(Median)
        self._ratio = Median(3)
        self._polarity: defaultdict[str, Median] = defaultdict(lambda: Median(2))
        self._all = Reservoir()
        self._sides: defaultdict[str, Reservoir] = defaultdict(Reservoir)
        self._seen: defaultdict[str, NearDuplicates] = defaultdict(NearDuplicates)
        self._looked_up = self._repeated = 0

    def add(self, place: str, row: Row) -> None:
        """Takes one row.

        Args:
            place: Where it stands.
            row: The row.

        Raises:
            InputError: It is of no kind, of another kind than those before, or has no text.
        """
        self.kind = forms.form_at(place, row, self.kind)
        self.rows += 1
        for name in row:
            if name in self.columns or len(self.columns) < NAMES:
                self.columns[str(name)] = None
        try:
            self._add_contract(row)
            self._add_names(row)
            self._add_texts(row)
            self._add_scores(row)
        except InputError as error:
            raise InputError(f"{place}: {error}") from None

    def _add_contract(self, row: Row) -> None:
        if not forms.ours(row) or self.kind == "completion":
            return
        self._ours += 1
        self._valid += mistake(_without_nulls(row), self.kind) is None

    def _add_names(self, row: Row) -> None:
        self._count("persona", row.get("persona"))
        errors = row.get("error")
        for error in errors if isinstance(errors, list) else [errors]:
            self._count("error", error)
        risk = row.get("risk")
        if isinstance(risk, int) and not isinstance(risk, bool):
            self._count("risk", str(risk))
        turns = forms.turns(row, self.kind)
        if turns is not None:
            self._count("turns", str(turns))
        self._count("teacher", row.get("teacher"))

    def _count(self, column: str, name: Any) -> None:
        if name is None or name == "":
            return
        counts = self.counts[column]
        known = isinstance(name, str) and len(name) <= 120
        if not known or (name not in counts and len(counts) >= NAMES):
            name = OTHER
        counts[name] += 1

    def _add_texts(self, row: Row) -> None:
        found = [
            (side, forms.answer(text, self._template))
            for side, text in forms.replies(row, self.kind)
        ]
        lengths: dict[str, int] = {}
        for side, text in found:
            lengths[side] = words(text)
            self._lengths[side].add(lengths[side])
            self._all.add(text)
            self._sides[side].add(text)
            self._look_up(side, text)
        if self.kind == "pair":
            self._ratio.add(max(lengths["chosen"], 1) / max(lengths["rejected"], 1))
        if row.get("prompt") is not None:
            said = forms.client(row["prompt"])
            self._lengths["client"].add(words(said))
            if not found:
                self._look_up("prompt", said)

    def _look_up(self, side: str, text: str) -> None:
        self._looked_up += 1
        self._repeated += self._seen[side].add(text)

    def _add_scores(self, row: Row) -> None:
        held = row.get("state")
        if isinstance(held, Mapping) and held.get("history"):
            self._add_polarity("client", held["history"][-1])
        scores = row.get("scores")
        sides = [side for side, _ in forms.replies(row, self.kind)]
        if isinstance(scores, list) and len(scores) == len(sides):
            for side, one in zip(sides, scores, strict=True):
                self._add_judged(side, one)
        elif isinstance(scores, Mapping) and self.kind == "pair":
            for side in sides:
                self._add_judged(side, scores.get(side))
            self._add_agreement(row, scores)
        elif isinstance(scores, Mapping) and sides:
            self._add_judged(sides[0], scores)

    def _add_judged(self, side: str, judged: Any) -> None:
        if isinstance(judged, Mapping):
            self._add_polarity(side, judged.get("polarity"))
            self._add_polarity(f"next, {side}", judged.get("next_polarity"))

    def _add_polarity(self, side: str, value: Any) -> None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            self._polarity[side].add(value)

    def _add_agreement(self, row: Row, scores: Row) -> None:
        margin, chosen = scores.get("margin"), scores.get("chosen")
        if not isinstance(margin, int | float):
            return
        vetoed = isinstance(chosen, Mapping) and bool(chosen.get("veto"))
        error = row.get("error")
        name = error if isinstance(error, str) and error else UNLABELLED
        if name not in self._agreement and len(self._agreement) >= NAMES:
            name = OTHER
        counts = self._agreement.setdefault(name, [0, 0])
        counts[0] += 1
        counts[1] += margin > 0 and not vetoed

    def result(self, report: reports.Report | None) -> dict[str, Any]:
        """The figures.

        Args:
            report: Of the run that made the file, or None.

        Returns:
            Plain JSON. Shares are 0 to 1; what cannot be known is None.
        """
        agreement = {
            name: {"judged": judged, "agree": agree}
            for name, (judged, agree) in sorted(self._agreement.items())
        }
        if report is not None and report.agreement:
            agreement = {name: dict(counts) for name, counts in report.agreement.items()}
        judged = sum(counts["judged"] for counts in agreement.values())
        agree = sum(counts["agree"] for counts in agreement.values())
        return {
            "rows": self.rows,
            "schema_valid": self._valid / self.rows if self._ours else None,
            "near_duplicates": self._repeated / self._looked_up if self._looked_up else None,
            "distinct_2": distinct(self._all.texts, 2),
            "length_ratio": self._ratio.median,
            "judge_agreement": agree / judged if judged else None,
            "dropped": dict(report.dropped) if report else None,
            "personas": _by_count(self.counts["persona"]),
            "errors": _by_count(self.counts["error"]),
            "kind": self.kind,
            "distinct_1": distinct(self._all.texts, 1),
            "distinct_3": distinct(self._all.texts, 3),
            "distinct_by_side": self._by_side(),
            "risk": _by_name(self.counts["risk"]),
            "turns": _by_name(self.counts["turns"]),
            "lengths": {side: _middle(found) for side, found in sorted(self._lengths.items())},
            "polarity": {side: _middle(found) for side, found in sorted(self._polarity.items())},
            "agreement_by_error": agreement,
            "agreement_before_filter": bool(report and report.agreement),
            "failed": dict(report.failed) if report else None,
            "teachers": _by_count(self.counts["teacher"]),
            "columns": list(self.columns),
        }

    def _by_side(self) -> dict[str, dict[str, float | None]] | None:
        """Distinct-n of both sides, each cut to the tokens that the shorter one has."""
        if not {"chosen", "rejected"} <= self._sides.keys():
            return None
        sides = {side: self._sides[side].texts for side in ("chosen", "rejected")}
        most = min(sum(map(len, cut(texts, None))) for texts in sides.values())
        return {
            side: {f"distinct_{n}": distinct(texts, n, most) for n in (1, 2, 3)} | {"tokens": most}
            for side, texts in sides.items()
        }


def measure(
    path: Path,
    template: Template | None = None,
    progress: Callable[[int], None] = lambda finished: None,
) -> dict[str, Any]:
    """Measures a file.

    Args:
        path: JSONL or Parquet of any kind of row; the report of its run is read where it lies
            beside it.
        template: How replies with reasoning are written.
        progress: Called with the number of rows read since the last call.

    Returns:
        What `Measure.result` says, and ``notes``, a list of remarks.

    Raises:
        InputError: The file cannot be read, or a row is of no kind.
    """
    found = Measure(template or Template())
    for place, row in forms.numbered(path):
        found.add(place, row)
        progress(1)
    report, notes = report_of(path)
    return {**found.result(report), "notes": notes}


def report_of(path: Path) -> tuple[reports.Report | None, list[str]]:
    """The report beside a file, where it is about this file.

    Args:
        path: The file.

    Returns:
        The report, or None where there is none or it is about a file of another name and other
        bytes; and remarks. One about this file before somebody changed it counts, with a remark.

    Raises:
        InputError: It is no report.
    """
    report = reports.read(path)
    if report is None or report.sha256 == _sha256(path):
        return report, []
    place = reports.beside(path).name
    if report.file != path.name:
        return None, [f"{place} is about {report.file}, another file, and is left out"]
    note = f"{path.name} was changed since {place} was written: drops may not be all"
    return report, [note]


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _without_nulls(row: Row) -> dict[str, Any]:
    """A row as it was before Parquet filled what other rows have with nulls."""
    held = {k: v for k, v in row.items() if k != "critique" or v is not None}
    user = held["state"].get("user")
    if isinstance(user, Mapping):
        known = {name: value for name, value in user.items() if value is not None}
        held["state"] = {**held["state"], "user": known}
    return held


def _by_count(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _by_name(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (len(item[0]), item[0])))


def _middle(found: Median) -> dict[str, float | int | None]:
    return {"median": found.median, "mean": round(found.mean or 0.0, 4), "count": found.count}
