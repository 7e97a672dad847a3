"""What a benchmark found: figures with their alternatives and what was wanted of them."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

HOLDS = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True)
class Wanted:
    """A bound.

    Attributes:
        sign: On which side of the bound it is good.
        number: The bound.
        against: The alternative whose ratio is meant; empty for the value itself.

    Example:
        >>> str(Wanted(">=", 0.9, "bare client"))
        '>= 0.9 x bare client'
    """

    sign: Literal[">=", "<="]
    number: float
    against: str = ""

    def __str__(self) -> str:
        return f"{self.sign} {self.number:g}" + (f" x {self.against}" if self.against else "")


@dataclass(frozen=True)
class Figure:
    """One number of a part.

    Attributes:
        part: Name of the part.
        name: What was measured.
        value: The number.
        unit: Its unit.
        ratios: Alternative to the value as a multiple of that alternative's.
        wanted: What it should be; None for a figure that is only reported.
        also: Further numbers of the same measurement, each with its unit in its name.
    """

    part: str
    name: str
    value: float
    unit: str
    ratios: Mapping[str, float] = field(default_factory=dict)
    wanted: Wanted | None = None
    also: Mapping[str, float] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether it is as wanted; None where nothing is."""
        if self.wanted is None:
            return None
        found = self.ratios[self.wanted.against] if self.wanted.against else self.value
        return bool(HOLDS[self.wanted.sign](found, self.wanted.number))

    def to_row(self) -> dict[str, Any]:
        """The figure as plain JSON."""
        wanted = str(self.wanted) if self.wanted else None
        return {**asdict(self), "wanted": wanted, "met": self.met}


def table(figures: Sequence[Figure]) -> Any:
    """A rich table, one row a figure."""
    from rich.table import Table

    made = Table("part", "what", "value", "ratio", "wanted", "also")
    for place, one in enumerate(figures):
        first = place == 0 or figures[place - 1].part != one.part
        last = place + 1 == len(figures) or figures[place + 1].part != one.part
        made.add_row(
            one.part if first else "",
            one.name,
            f"{_short(one.value)} {one.unit}",
            "\n".join(f"{ratio:.2f} x {name}" for name, ratio in one.ratios.items()),
            f"{one.wanted}: {'yes' if one.met else 'no'}" if one.wanted else "",
            ", ".join(f"{name} {_short(number)}" for name, number in one.also.items()),
            end_section=last,
        )
    return made


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
