"""Scores and filters the rows of a file that exists, ours or a user's own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emp_datagen import rows as forms
from emp_datagen.jsonl import Row, read_any
from emp_datagen.judging.clinical import ClinicalJudge, Item, Judged
from emp_datagen.judging.select import Candidate, Pair, Rule, agrees, verified
from emp_datagen.run.journal import Entry
from emp_datagen.run.sieve import Sieve, texts
from emp_datagen.writing import write_any
from emp_plugins.affect.state import State
from emp_plugins.completion import Template
from emp_plugins.errors import InputError

TOGETHER = 256
"""Rows that are judged at a time."""

JUDGED = ("pair", "kto", "group", "completion")
"""Kinds of rows that have replies to score."""

UNLABELLED = "(unlabelled)"
"""Pairs that name no clinical error."""

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Options:
    """What is done with a file.

    Attributes:
        rule: What a pair must meet.
        swap: Exchange the replies of a pair where the judges clearly prefer the other one.
        keep_all: Drop nothing and exchange nothing: only score.
        exclude: Files whose texts no row may be much like.
        template: How replies with reasoning are written.
    """

    rule: Rule = Rule()
    swap: bool = False
    keep_all: bool = False
    exclude: Sequence[Path] = ()
    template: Template = field(default_factory=Template)


@dataclass(frozen=True)
class Outcome:
    """What became of the rows.

    Attributes:
        written: Rows in the new file.
        attempted: Rows of the old one.
        swapped: Pairs whose replies were exchanged.
        dropped: Reason to count, the most frequent first.
        agreement: Clinical error to how many pairs were judged, and in how many the judges agree
            with the label as it was.
        sha256: Of the new file.
    """

    written: int
    attempted: int
    swapped: int
    dropped: Mapping[str, int]
    agreement: Mapping[str, Mapping[str, int]]
    sha256: str


@dataclass(frozen=True)
class _Read:
    """One row, and what of it is judged."""

    place: str
    row: Row
    kind: forms.Form
    items: list[Item]


@dataclass(frozen=True)
class _Verdict:
    """A row with its scores, why it is dropped, and what the judges think of its label."""

    row: Row
    dropped: str = ""
    agrees: bool | None = None
    swapped: bool = False


def rejudge(
    path: Path, out: Path, judge: ClinicalJudge, options: Options, progress: Progress
) -> Outcome:
    """Judges a file into another one.

    Args:
        path: JSONL or Parquet with pairs, KTO rows, groups or single replies; other columns are
            kept.
        out: The new file, which appears when all is done.
        judge: The judge.
        options: What is done.
        progress: Called with the number of rows judged since the last call.

    Returns:
        What became of the rows.

    Raises:
        InputError: ``file:line: what is wrong``.
        OSError: The file cannot be written.
    """
    work = _Work(judge, options)
    written = write_any(out, work.rows(path, progress))
    sieve = work.sieve
    return Outcome(
        written=written.rows,
        attempted=work.attempted,
        swapped=work.swapped,
        dropped=dict(sieve.dropped.most_common()),
        agreement={
            name: {"judged": judged, "agree": agree}
            for name, (judged, agree) in sorted(sieve.agreement.items())
        },
        sha256=written.sha256,
    )


class _Work:
    """Rows in, rows out, and the counts of both."""

    def __init__(self, judge: ClinicalJudge, options: Options) -> None:
        self.attempted = self.swapped = 0
        self.sieve = Sieve(1 << 62, _excluded(options.exclude))
        self._judge = judge
        self._options = options
        self._kind: forms.Form | None = None

    def rows(self, path: Path, progress: Progress) -> Iterator[Row]:
        """The rows that are kept, with their scores."""
        source = forms.numbered(path)
        while batch := [self._read(*one) for one in itertools.islice(source, TOGETHER)]:
            found = self._judge.score([item for one in batch for item in one.items])
            scores = iter(found)
            for one in batch:
                judged = list(itertools.islice(scores, len(one.items)))
                yield from self._kept(one, judged)
            progress(len(batch))

    def _read(self, place: str, row: Row) -> _Read:
        self._kind = forms.form_at(place, row, self._kind)
        if self._kind not in JUDGED:
            raise InputError(f"{place}: {self._kind} rows have no reply to choose by")
        try:
            items = _items(row, self._kind, self._options.template)
        except InputError as error:
            raise InputError(f"{place}: {error}") from None
        return _Read(place, row, self._kind, items)

    def _kept(self, read: _Read, judged: list[Judged]) -> Iterator[Row]:
        verdict = _verdict(read, judged, self._options)
        number, self.attempted = self.attempted, self.attempted + 1
        error = read.row.get("error")
        entry = Entry(
            number,
            # A file that is only scored keeps its near-duplicates too.
            rows=[] if self._options.keep_all else [verdict.row],
            dropped=verdict.dropped,
            error=error if isinstance(error, str) and error else UNLABELLED,
            agrees=verdict.agrees,
        )
        before = len(self.sieve.kept)
        self.sieve.take(entry)
        if len(self.sieve.kept) > before:
            self.swapped += verdict.swapped
            yield verdict.row


def _items(row: Row, kind: forms.Form, template: Template) -> list[Item]:
    if row.get("prompt") is None:
        raise InputError("prompt: missing")
    said = forms.client(row["prompt"])
    if not said.strip():
        raise InputError("prompt: no message of the client")
    prompt = [{"role": "user", "content": said}]
    risk, state = _known(row)
    replies = [forms.answer(text, template) for _, text in forms.replies(row, kind)]
    if not replies:
        raise InputError("completions: no reply")
    return [Item(prompt, reply, risk, state) for reply in replies]


def _known(row: Row) -> tuple[int | None, State | None]:
    """Risk and state by the columns of our rows; in others such names may mean anything."""
    if not forms.ours(row):
        return None, None
    risk = row.get("risk")
    if risk is not None and (isinstance(risk, bool) or risk not in range(5)):
        raise InputError("risk: expected a level from 0 to 4")
    return risk if risk is None else int(risk), State.from_row(row["state"])


def _verdict(read: _Read, judged: list[Judged], options: Options) -> _Verdict:
    if read.kind == "pair":
        return _of_pair(read, judged, options)
    scores = [one.to_row() for one in judged]
    row = {**read.row, "scores": scores if read.kind == "group" else scores[0]}
    if options.keep_all:
        return _Verdict(row)
    if read.kind == "group":
        return _Verdict(row, _of_group(judged, options.rule))
    wanted = read.kind == "completion" or read.row["label"]
    return _Verdict(row, "vetoed" if wanted and judged[0].veto else "")


def _of_pair(read: _Read, judged: list[Judged], options: Options) -> _Verdict:
    one, other = (Candidate(i.reply, j) for i, j in zip(read.items, judged, strict=True))
    pair = Pair(one, other)
    agreed = agrees(pair)
    if options.keep_all:
        return _Verdict(_scored(read.row, pair), agrees=agreed)
    found = verified(pair, options.rule)
    if isinstance(found, Pair):
        return _Verdict(_scored(read.row, found), agrees=agreed)
    turned = verified(Pair(other, one), options.rule) if options.swap else found
    if isinstance(turned, Pair):
        return _Verdict(_scored(_turned(read.row), turned), agrees=agreed, swapped=True)
    return _Verdict(read.row, found.reason, agreed)


def _of_group(judged: Sequence[Judged], rule: Rule) -> str:
    """Why a group teaches nothing: every reply is forbidden, or none is better than another."""
    allowed = [one.total for one in judged if not one.veto]
    if not allowed:
        return "vetoed"
    margin = max(allowed) - min(one.total for one in judged)
    if margin <= 0:
        return "tie"
    return "margin" if margin < rule.min_margin else ""


def _scored(row: Row, pair: Pair) -> Row:
    scores = {
        "chosen": pair.chosen.judged.to_row(),
        "rejected": pair.rejected.judged.to_row(),
        "margin": round(pair.margin, 4) + 0.0,
    }
    return {**row, "scores": scores}


def _turned(row: Row) -> Row:
    """A pair the other way round; what our columns say of the rejected reply holds no longer."""
    turned = {**row, "chosen": row["rejected"], "rejected": row["chosen"]}
    if forms.ours(row):
        turned.pop("critique", None)
        turned["error"] = None
    return turned


def _excluded(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        for row in read_any(path):
            yield from (text for _, text in texts(row))
