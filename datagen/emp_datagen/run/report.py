"""What a run did: written beside its file, and the source of its statistics and card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write


@dataclass(frozen=True)
class Report:
    """The outcome of a run.

    Attributes:
        command: As the user typed it.
        file: Name of the file.
        sha256: Of its bytes.
        written: Rows in it.
        attempted: Cases that were tried.
        dropped: Reason to how many cases were dropped for it.
        failed: Reason to how many cases got no answer for it.
        agreement: Clinical error to how many pairs were judged and in how many the judges agreed
            with the label, before anything was dropped.
        calls: Answered requests to teachers.
        tokens_in: Tokens sent.
        tokens_out: Tokens received.
        retries: Requests that were sent again.
        cost: By the prices given; 0 without.
        seconds: How long this part of the run took.
        run: The settings that the rows depend on.
        path: The file; not written.
    """

    command: str
    file: str
    sha256: str
    written: int
    attempted: int
    dropped: Mapping[str, int]
    failed: Mapping[str, int]
    agreement: Mapping[str, Mapping[str, int]]
    calls: int
    tokens_in: int
    tokens_out: int
    retries: int
    cost: float
    seconds: float
    run: Mapping[str, Any]
    path: Path = field(compare=False)

    @property
    def agreed(self) -> float | None:
        """Share of judged pairs whose label the judges agree with."""
        judged = sum(row["judged"] for row in self.agreement.values())
        return sum(row["agree"] for row in self.agreement.values()) / judged if judged else None

    def write(self) -> None:
        """Writes ``NAME.run.json`` beside the file."""
        held = asdict(self)
        del held["path"]
        held["version"] = version("empathy-recipes")
        with atomic_write(beside(self.path)) as file:
            json.dump(held, file, indent=2, ensure_ascii=False)
            file.write("\n")

    def line(self) -> str:
        """The last line of a run: written, dropped and why, failed and why, file, hash."""
        parts = [f"{self.written} rows written to {self.path} (sha256 {self.sha256[:12]})"]
        for name, counts in (("dropped", self.dropped), ("failed", self.failed)):
            reasons = ", ".join(f"{reason} {count}" for reason, count in counts.items())
            total = sum(counts.values())
            parts.append(f"{total} {name} ({reasons})" if total else f"{total} {name}")
        if self.agreed is not None:
            parts.append(f"judges agree with {self.agreed:.1%} of the labels")
        return "; ".join(parts)


def beside(path: Path) -> Path:
    """The report of a file.

    Example:
        >>> beside(Path("data/pairs.jsonl")).as_posix()
        'data/pairs.run.json'
    """
    return path.with_suffix(".run.json")


def read(path: Path) -> Report | None:
    """The report beside a file, or None where there is none.

    Raises:
        InputError: It is no report.
    """
    place = beside(path)
    try:
        held = json.loads(place.read_text(encoding="utf-8"))
        names = {f.name for f in fields(Report)} - {"path"}
        return Report(**{name: held[name] for name in names}, path=path)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{place}: is no report of a run ({type(error).__name__})") from None
