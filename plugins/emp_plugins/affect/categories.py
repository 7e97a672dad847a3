"""What a state is at risk of, from its polarity and the axis that drives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emp_plugins.affect.hourglass import AXES, polarity

LEVELS = ("none", "elevated", "high")

Level = Literal["none", "elevated", "high"]


class Names(BaseModel):
    """What a deep deficit on each axis is a risk of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    introspection: str = Field("depression", min_length=1, description="Sadness without end.")
    temper: str = Field("outburst", min_length=1, description="Anger that breaks out.")
    attitude: str = Field("withdrawal", min_length=1, description="Disgust, turning away.")
    sensitivity: str = Field("anxiety", min_length=1, description="Fear.")


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
        driver: The lowest axis, in the spelling of ``AXES``.
        polarity: The state's polarity.
    """

    level: Level
    name: str
    driver: str
    polarity: float


def categorise(affect: Sequence[float], thresholds: Categories | None = None) -> Category:
    """Names the risk of a state.

    With p the polarity, d the lowest axis: ``high`` where p <= high and d <= driver; ``elevated``
    where p <= elevated and d <= driver, or d <= deep; else ``none``. It describes a text's emotion,
    not a person: it must not be used to triage people.

    Args:
        affect: The four axes in the order of ``AXES``.
        thresholds: As ``empathy.categories`` of a recipe; None for the defaults.

    Returns:
        The category.

    Example:
        >>> categorise((0.0, -0.1, 0.0, -0.7)).name, categorise((0.4, 0.0, 0.1, 0.0)).name
        ('anxiety', 'none')
        >>> categorise((-0.9, -0.3, -0.2, -0.4)).level
        'elevated'
    """
    limits = thresholds or Categories()
    values = [float(value) for value in affect]
    overall, lowest = float(polarity([values])[0]), min(values)
    driver = AXES[values.index(lowest)]
    level: Level = "none"
    if lowest <= limits.deep or (overall <= limits.elevated and lowest <= limits.driver):
        level = "elevated"
    if overall <= limits.high and lowest <= limits.driver:
        level = "high"
    name = getattr(limits.names, driver.lower()) if level != "none" else "none"
    return Category(level, name, driver, overall)
