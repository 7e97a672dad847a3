"""Replies that were paid for once: an append-only file, and a model that looks there first."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from emp_tooling.models import Messages, Model, Progress, quiet

MODE = 0o600
"""Readable for its owner alone: the files hold what clients say."""

BATCH_SEEDS = 10_007
"""Distance between the seeds of two runs, more than the batches of either."""

NAME, DIALOGUES = "replies.jsonl", "dialogues.jsonl"


class Journal:
    """One JSON object a line, found again by its ``key``.

    A line that was cut off, by a killed process or a full disk, is left out and counted.

    Args:
        path: The file; it is made when the first entry is added.

    Attributes:
        skipped: Lines that could not be read.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "replies.jsonl"
        >>> Journal(path).add("a", {"reply": "Hello."})
        >>> Journal(path).get("a")["reply"]
        'Hello.'
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: dict[str, dict[str, Any]] = {}
        self.skipped = 0
        for entry in _entries(path):
            if entry is None:
                self.skipped += 1
            else:
                self._held[entry["key"]] = entry

    def get(self, key: str) -> dict[str, Any] | None:
        """The entry of a key, or None."""
        return self._held.get(key)

    def add(self, key: str, entry: Mapping[str, Any]) -> None:
        """Appends an entry in one piece.

        Raises:
            OSError: The file cannot be written; names it.
        """
        self._held[key] = {"key": key, **entry}
        line = json.dumps(self._held[key], ensure_ascii=False) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, MODE), "ab+") as file:
            cut = _is_cut_off(file)
            file.write((b"\n" if cut else b"") + line.encode("utf-8", "backslashreplace"))


class Remembered:
    """A model whose replies are kept, and not asked for twice.

    Prompts are asked for in fixed batches, each with a seed of its own, so that a run that was
    broken off and goes on gives the replies of one that was not, as far as the backend can.

    Args:
        opened: Opens the model; called when a reply is missing.
        journal: Where replies are kept.
        side: ``model`` or ``base``, for a reader of the journal.
        identity: What the replies depend on beside prompt and seed: another identity finds none.
        batch_size: Prompts that are asked for together.

    Attributes:
        name: The model's name, for tables.
        part: What the replies are for, for a reader of the journal.
        found: Replies that were in the journal.
    """

    def __init__(
        self,
        name: str,
        opened: Callable[[], Model],
        journal: Journal,
        *,
        side: str,
        identity: Any,
        batch_size: int,
    ) -> None:
        self.name, self.part, self.found = name, "", 0
        self._open, self._journal, self._side = opened, journal, side
        self._identity, self._batch_size = identity, batch_size
        self.opened: Model | None = None

    def reply(
        self, prompts: Sequence[Messages], *, seed: int = 0, progress: Progress = quiet, **_: Any
    ) -> list[str]:
        """One reply to each prompt, see ``Model.reply``; those in the journal come from there.

        Raises:
            InputError: The model cannot be used; what it replied until then is kept.
        """
        keys = [
            key_of(self._identity, seed, place, list(prompt))
            for place, prompt in enumerate(prompts)
        ]
        held = [self._journal.get(key) for key in keys]
        self.found += sum(entry is not None for entry in held)
        done = 0
        for number, batch in enumerate(self._batches(prompts)):
            missing = [place for place in batch if held[place] is None]
            if missing:
                self._ask(prompts, missing, keys, BATCH_SEEDS * seed + number)
            done += len(batch)
            progress(done, len(prompts))
        return [self._journal.get(key)["reply"] for key in keys]

    def key(self, *parts: Any) -> str:
        """A key for what depends on this model and on ``parts``."""
        return key_of(self._identity, *parts)

    def open(self) -> Model:
        """The model itself, opened now if it was not.

        Raises:
            InputError: It cannot be used.
        """
        if self.opened is None:
            self.opened = self._open()
        return self.opened

    def close(self) -> None:
        """Frees the model, if it was opened."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None

    def _batches(self, prompts: Sequence[Messages]) -> list[list[int]]:
        """Places of prompts of like length, so that little of a batch is padding."""
        order = sorted(range(len(prompts)), key=lambda place: (_length(prompts[place]), place))
        size = self._batch_size
        return [order[start : start + size] for start in range(0, len(order), size)]

    def _ask(
        self, prompts: Sequence[Messages], places: list[int], keys: list[str], seed: int
    ) -> None:
        model = self.open()

        def keep(index: int, text: str) -> None:
            place = places[index]
            head = {"side": self._side, "part": self.part, "index": place}
            self._journal.add(keys[place], {**head, "reply": text})

        texts = model.reply([prompts[place] for place in places], seed=seed, on_reply=keep)
        for index, text in enumerate(texts):
            if self._journal.get(keys[places[index]]) is None:
                keep(index, text)


def key_of(*parts: Any) -> str:
    """A short name for JSON values: equal ones, and no others, share it.

    Example:
        >>> key_of("a", 1) == key_of("a", 1), key_of("a", 1) == key_of("a", 2)
        (True, False)
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _entries(path: Path) -> Iterator[dict[str, Any] | None]:
    """The entries of a file; None for a line that is none."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            whole = isinstance(entry, dict) and isinstance(entry.get("key"), str)
            yield entry if whole else None


def _is_cut_off(file: Any) -> bool:
    """Whether a file's last line has no end."""
    end = file.seek(0, os.SEEK_END)
    if not end:
        return False
    file.seek(end - 1)
    return file.read(1) != b"\n"


def _length(prompt: Messages) -> int:
    return sum(len(str(message.get("content") or "")) for message in prompt)
