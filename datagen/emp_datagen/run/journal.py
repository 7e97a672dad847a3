"""An append-only record of finished rows, so that a run that was stopped loses none.

One JSON object a line. The first line says what the run is; each later one is an `Entry`. A line is
written in one piece as soon as its row is finished, and a last line that was cut off is ignored.
Runs on several workers keep one file each, ``NAME.journal.0`` and so on.
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError

SUFFIX = ".journal"


@dataclass(frozen=True)
class Entry:
    """What became of one case.

    Attributes:
        number: Place of the case in the plan.
        rows: Its rows; none where it was dropped or failed.
        dropped: Why it has none, or empty.
        failed: Why no answer was had, or empty; a failed case is tried again by the next run.
        error: The clinical error that it was about, or empty.
        agrees: Whether the judges agree with the label.
    """

    number: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    dropped: str = ""
    failed: str = ""
    error: str = ""
    agrees: bool | None = None

    def to_line(self) -> bytes:
        """The entry as a line."""
        held = {name: value for name, value in self.__dict__.items() if value not in ("", None)}
        return json.dumps(held, ensure_ascii=False, allow_nan=False).encode() + b"\n"


class Journal:
    """The journal of one output file.

    Args:
        out: The file that the run is for.
        mark: What the run is: settings that its rows depend on.

    Raises:
        InputError: There is a journal of another run.
    """

    def __init__(self, out: Path, mark: dict[str, Any]) -> None:
        self.out = out
        self.mark = json.loads(json.dumps(mark))
        self.base = out.with_name(out.name + SUFFIX)
        self._clear()
        self.finished = False
        for path in self.paths():
            self._index(path)

    def paths(self) -> list[Path]:
        """The files of the journal that exist, the workers' in order of their numbers."""
        shards = self.base.parent.glob(f"{self.base.name}.*")
        numbered = sorted(
            (path for path in shards if path.suffix[1:].isdigit()), key=lambda p: int(p.suffix[1:])
        )
        return [path for path in (self.base, *numbered) if path.exists()]

    def shard(self, worker: int | None = None) -> Writer:
        """Opens a file of the journal for appending.

        Args:
            worker: Number of the worker, or None for the only one.

        Returns:
            A writer; a last line that was cut off is removed first.
        """
        path = self.base if worker is None else self.base.with_name(f"{self.base.name}.{worker}")
        return Writer(path, self.mark)

    def _clear(self) -> None:
        # Place of each case by its number: 10 bytes a case, for runs of millions.
        self._files: list[Path] = []
        self._file = array("H")
        self._start = array("q")
        self._failed: dict[int, str] = {}
        self._count = 0

    def reread(self) -> None:
        """Takes in what writers added since."""
        self._clear()
        for path in self.paths():
            self._index(path)

    def done(self, number: int) -> bool:
        """Whether a case is finished: has rows or was dropped."""
        return self._known(number) and number not in self._failed

    def failures(self) -> dict[int, str]:
        """Cases that got no answer, with the reason."""
        return dict(self._failed)

    def entries(self, numbers: Iterable[int]) -> Iterator[Entry]:
        """Entries in the order of their numbers, each file opened once."""
        handles = [path.open("rb") for path in self._files]
        try:
            for number in numbers:
                if self._known(number):
                    handle = handles[self._file[number]]
                    handle.seek(self._start[number])
                    yield Entry(**json.loads(handle.readline()))
        finally:
            for handle in handles:
                handle.close()

    def __len__(self) -> int:
        return self._count

    def _known(self, number: int) -> bool:
        return number < len(self._start) and self._start[number] >= 0

    def _place(self, number: int, file: int, start: int, failed: str) -> None:
        """Notes where an entry stands: the latest word counts, but no failure undoes a row."""
        if failed and self.done(number):
            return
        missing = number + 1 - len(self._start)
        self._start.extend(-1 for _ in range(missing))
        self._file.extend(0 for _ in range(missing))
        self._count += not self._known(number)
        self._start[number], self._file[number] = start, file
        self._failed.pop(number, None)
        if failed:
            self._failed[number] = failed

    def finish(self) -> None:
        """Removes the journal, or marks it finished where failed cases may be tried again."""
        if self.failures():
            with self.shard() as writer:
                writer.write_line(b'{"finished": true}\n')
            return
        self.remove()

    def remove(self) -> None:
        """Deletes all files of the journal."""
        for path in self.paths():
            path.unlink()

    def _index(self, path: Path) -> None:
        file_number = len(self._files)
        self._files.append(path)
        with path.open("rb") as file:
            head = _whole(file.readline())
            if head is None:
                return
            if head.get("run") != self.mark:
                what = _differs(head.get("run"), self.mark)
                raise InputError(
                    f"{path}: is the journal of another run ({what} differs); "
                    "give --overwrite to begin anew, or another --out"
                )
            start = file.tell()
            for line in file:
                held = _whole(line)
                if held is not None and "number" in held:
                    self.finished = False
                    self._place(held["number"], file_number, start, held.get("failed", ""))
                elif held is not None:
                    self.finished = True
                start += len(line)


class Writer:
    """Appends whole lines to one file of a journal."""

    def __init__(self, path: Path, mark: dict[str, Any]) -> None:
        self.path = path
        _mend(path)
        fresh = not path.exists() or path.stat().st_size == 0
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        if fresh:
            self.write_line(json.dumps({"run": mark}, ensure_ascii=False).encode() + b"\n")

    def write(self, entry: Entry) -> None:
        """Appends an entry."""
        self.write_line(entry.to_line())

    def write_line(self, line: bytes) -> None:
        """Appends one line in one piece.

        Raises:
            OSError: The disk is full or the file cannot be written; names it.
        """
        try:
            written = os.write(self._handle, line)
            while written < len(line):
                written += os.write(self._handle, line[written:])
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from error

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: Any) -> None:
        os.close(self._handle)


def _whole(line: bytes) -> dict[str, Any] | None:
    """The object of a line, or None where the line was cut off."""
    if not line.endswith(b"\n"):
        return None
    try:
        held = json.loads(line)
    except ValueError:
        return None
    return held if isinstance(held, dict) else None


def _mend(path: Path) -> None:
    """Cuts off a last line without an end."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        while size:
            step = min(size, 65536)
            file.seek(size - step)
            found = file.read(step).rfind(b"\n")
            if found >= 0:
                file.truncate(size - step + found + 1)
                return
            size -= step
        file.truncate(0)


def _differs(one: Any, other: Any) -> str:
    keys = sorted({*(one or {}), *other})
    return ", ".join(k for k in keys if (one or {}).get(k) != other.get(k)) or "its form"
