"""Decides which finished cases are written: in their order, without near-duplicates."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emp_datagen.duplicates import NearDuplicates
from emp_datagen.run.journal import Entry

REPLIES = ("chosen", "rejected", "completion", "completions", "messages")
"""Columns whose texts must not be much like those of another row; prompts where there are none."""


class Sieve:
    """Takes entries in the order of their numbers and keeps what is to be written.

    Args:
        n: Rows that are wanted; later ones are not kept.
        exclude: Texts of another file that no row may be much like.

    Attributes:
        kept: Numbers of the cases that are written.
        rows: How many rows those have.
        dropped: Reasons why cases have none, with ``duplicate`` among them, counted.
        failed: Reasons why cases got no answer, counted.
        agreement: Clinical error to how many cases were judged and how many agreed.
    """

    def __init__(self, n: int, exclude: Iterable[str] = ()) -> None:
        self.kept = array("Q")
        self.rows = 0
        self.dropped: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.agreement: dict[str, list[int]] = {}
        self._n = n
        self._seen: dict[str, NearDuplicates] = {}
        for text in exclude:
            self._index("excluded").add(text)

    @property
    def full(self) -> bool:
        """Whether as many rows as wanted are kept."""
        return self.rows >= self._n

    def take(self, entry: Entry) -> None:
        """Counts an entry, and keeps it if its rows are new and wanted."""
        if self.full:
            return
        if entry.agrees is not None and entry.error:
            counts = self.agreement.setdefault(entry.error, [0, 0])
            counts[0] += 1
            counts[1] += entry.agrees
        if entry.failed:
            self.failed[entry.failed] += 1
        elif entry.dropped:
            self.dropped[entry.dropped] += 1
        elif self._is_repeated(entry.rows):
            self.dropped["duplicate"] += 1
        else:
            self.kept.append(entry.number)
            self.rows += len(entry.rows)

    def _is_repeated(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Every text is looked up, so that what is remembered does not depend on the others."""
        found = []
        for row in rows:
            for column, text in texts(row):
                excluded = self._seen.get("excluded")
                found.append(self._index(column).add(text))
                found.append(excluded is not None and excluded.knows(text))
        return any(found)

    def _index(self, column: str) -> NearDuplicates:
        if column not in self._seen:
            self._seen[column] = NearDuplicates()
        return self._seen[column]


def texts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The texts by which a row is compared with others, each with its column.

    Args:
        row: A row of any kind, by our schemas or a user's own.

    Yields:
        Column and text: every reply, or the client's message where there is no reply. The two
        sides of a pair are compared each with its like.
    """
    found = False
    for column in REPLIES:
        value = row.get(column)
        if value is None:
            continue
        found = True
        if column == "completion":
            side = "chosen" if row.get("label", True) else "rejected"
            yield side, plain(value)
        elif column == "completions":
            yield from ((column, plain(one)) for one in value)
        else:
            yield column, plain(value)
    if not found and row.get("prompt") is not None:
        yield "prompt", _client(row["prompt"])


def plain(value: Any) -> str:
    """Text of a reply or a dialogue in either format, without the system prompt that all share.

    Example:
        >>> plain([{"role": "assistant", "content": "Hello."}])
        'Hello.'
    """
    if isinstance(value, str):
        return value
    said = (message for message in value if message.get("role") != "system")
    return " ".join(str(message.get("content", "")) for message in said)


def _client(prompt: Any) -> str:
    from emp_plugins.affect import state
    from emp_plugins.completion import client_text

    return state.parse(client_text(prompt))[1]
