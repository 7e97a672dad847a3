"""One thing that is wrong with a recipe, and where it stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """What a check says about one key.

    Attributes:
        file: The recipe's file.
        line: Line of the key, from 1; 0 where the key is not in the file.
        column: Column of the key, from 1; 0 likewise.
        key: The key with its path, such as ``trl.num_generations`` or ``datasets[0].path``.
        severity: ``error`` stops a run, ``warning`` names what is silently ignored or risky,
            ``note`` tells something that is no fault.
        message: What is wrong.
        suggestion: What to do instead; may be empty.
    """

    file: str
    line: int
    column: int
    key: str
    severity: Severity
    message: str
    suggestion: str = ""

    @property
    def place(self) -> str:
        """``file:line:column``, or the file alone."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        """The finding as one line, ``file:line:column: key: message; suggestion``."""
        parts = [self.place, self.key, self.message] if self.key else [self.place, self.message]
        return ": ".join(parts) + (f"; {self.suggestion}" if self.suggestion else "")

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, for JSON."""
        return asdict(self)


def nearest(name: str, allowed: Iterable[str]) -> str:
    """The suggestion that names the nearest allowed value, or nothing where none is near.

    Args:
        name: What the user wrote.
        allowed: What could have been written.

    Returns:
        ``did you mean X?`` or an empty text.

    Example:
        >>> nearest("optimzer", ["optimizer", "output_dir"])
        'did you mean optimizer?'
        >>> nearest("zzz", ["optimizer"])
        ''
    """
    near = difflib.get_close_matches(name, list(allowed), n=1)
    return f"did you mean {near[0]}?" if near else ""
