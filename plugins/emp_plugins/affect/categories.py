"""What a state is at risk of, from its polarity and the axis that drives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from emp_plugins.affect.hourglass import AXES, deficit, polarity

NONE = "none"

Level = Literal["none", "elevated", "high"]

LEVELS: tuple[Level, ...] = get_args(Level)
"""From the least to the gravest."""

_ROUNDING = 1e-9
"""A state on a threshold reaches it, whatever the last bit of the sum."""


class Names(BaseModel):
    """What a deep deficit on each axis is a risk of."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    introspection: str = Field("depression", min_length=1, description="Sadness without end.")
    temper: str = Field("outburst", min_length=1, description="Anger that breaks out.")
    attitude: str = Field("withdrawal", min_length=1, description="Disgust, turning away.")
    sensitivity: str = Field("anxiety", min_length=1, description="Fear.")

    @field_validator("*")
    @classmethod
    def _not_none(cls, name: str) -> str:
        if name.casefold() == NONE:
            raise ValueError(f"{name!r} is what a state without a risk is called")
        return name


class Categories(BaseModel):
    """Thresholds of the risk categories, all on the scale of the axes, -1 to 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    elevated: float = Field(
        -0.2, ge=-1, le=1, description="Polarity at or below which the risk is elevated."
    )
    high: float = Field(-0.5, ge=-1, le=1, description="Polarity at or below which it is high.")
    driver: float = Field(
        -0.25, ge=-1, le=1, description="The lowest axis must lie at or below this to drive a risk."
    )
    deep: float = Field(
        -0.5,
        ge=-1,
        le=1,
        description="An axis at or below this is an elevated risk whatever the polarity.",
    )
    names: Names = Field(default_factory=Names, description="Name of the risk by its axis.")

    @model_validator(mode="after")
    def _ordered(self) -> Categories:
        if not self.high <= self.elevated:
            raise ValueError(f"high {self.high:g} is above elevated {self.elevated:g}")
        if not self.deep <= self.driver:
            raise ValueError(f"deep {self.deep:g} is above driver {self.driver:g}")
        return self


@dataclass(frozen=True)
class Category:
    """What a state is at risk of.

    Attributes:
        level: ``none``, ``elevated`` or ``high``.
        name: Such as ``anxiety``; ``none`` at level ``none``.
        driver: The lowest axis, in the spelling of ``AXES``; the first of several.
        polarity: The state's polarity.
        depth: The polarity that the thresholds are held against, see ``depth``.
    """

    level: Level
    name: str
    driver: str
    polarity: float
    depth: float


def categorise(affect: Sequence[float], thresholds: Categories | None = None) -> Category:
    """Names the risk of a state.

    With p its depth and d the lowest axis: ``high`` where p <= high and d <= driver; ``elevated``
    where p <= elevated and d <= driver, or d <= deep; else ``none``. An axis that falls further
    never lowers the level. It describes a text's emotion, not a person: it must not be used to
    triage people.

    Args:
        affect: The four axes in the order of ``AXES``.
        thresholds: As ``empathy.categories`` of a recipe; None for the defaults.

    Returns:
        The category.

    Raises:
        InputError: Not four finite numbers.

    Example:
        >>> categorise((0.0, -0.1, 0.0, -0.7)).name, categorise((0.4, 0.0, 0.1, 0.0)).name
        ('anxiety', 'none')
        >>> categorise((0.9, 0.0, 0.0, -0.55)).level
        'elevated'
    """
    limits = thresholds or Categories()
    overall, down = float(polarity([affect])[0]), depth(affect)
    driver = AXES[int(deficit([affect])[0])]
    level = _level(down, min(map(float, affect)), limits)
    name = getattr(limits.names, driver.lower()) if level != NONE else NONE
    return Category(level, name, driver, overall, down)


def depth(affect: Sequence[float]) -> float:
    """How far down a state is: its polarity, undiluted by axes that are only a little low.

    Polarity divides by the number of active axes, so that sadness of -0.6 alone has -0.6, and the
    same sadness with a touch of anger, -0.1, has -0.35: worse, and yet above. The depth is the
    lowest polarity that is left when none, one or several of the negative axes are taken for 0,
    beginning with the one nearest 0. The lowest axis and the positive ones always count.

    Args:
        affect: The four axes.

    Returns:
        A number that is at most the polarity.

    Raises:
        InputError: Not four finite numbers.

    Example:
        >>> round(depth((-0.6, -0.1, 0.0, 0.0)), 2), round(depth((-0.6, 0.4, 0.0, 0.0)), 2)
        (-0.6, -0.1)
    """
    whole = polarity([affect])
    values = np.asarray(affect, dtype=float)
    negative = [place for place in np.argsort(values, kind="stable") if values[place] < 0]
    rows = np.tile(values, (len(negative), 1))
    for kept, row in enumerate(rows, 1):
        row[negative[kept:]] = 0.0
    return float(min([*whole, *polarity(rows)]))


def _level(down: float, lowest: float, limits: Categories) -> Level:
    driven = lowest <= limits.driver + _ROUNDING
    if driven and down <= limits.high + _ROUNDING:
        return "high"
    if lowest <= limits.deep + _ROUNDING or (driven and down <= limits.elevated + _ROUNDING):
        return "elevated"
    return "none"
