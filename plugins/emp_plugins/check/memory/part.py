"""One share of the memory, and how it was reckoned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GIB = 1024**3

Phase = Literal["always", "training", "generation", "scoring"]
"""When the memory is taken: for good, or in one of the phases of a step, which take turns."""


@dataclass(frozen=True)
class Part:
    """What one thing takes on one GPU.

    Attributes:
        name: What it is.
        bytes: How much.
        formula: How that number came about, with its factors filled in.
        phase: When it is taken.

    Example:
        >>> print(Part("weights", 3 * 2**30, "1.5 billion x 2 bytes", "always"))
        weights 3.0
    """

    name: str
    bytes: float
    formula: str
    phase: Phase = "always"

    @property
    def gib(self) -> float:
        """The size in GiB (2^30 bytes)."""
        return self.bytes / GIB

    def __str__(self) -> str:
        """Name and GiB."""
        return f"{self.name} {self.gib:.1f}"
