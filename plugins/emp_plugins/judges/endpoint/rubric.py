"""What a language model is asked to judge: instructions, a scale and criteria, from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, field_validator, model_validator

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.files import read_yaml
from emp_plugins.validation import validate

SHIPPED = Path(__file__).parent / "rubrics"
"""The rubrics that come with the package, one YAML file each."""

OVERALL = "score"
"""The mark of a rubric without criteria."""


class Scale(BaseModel):
    """The lowest and the highest mark, both allowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: FiniteFloat = Field(description="The worst mark.")
    high: FiniteFloat = Field(description="The best mark.")

    @model_validator(mode="after")
    def _rises(self) -> Scale:
        if not self.high > self.low:
            raise ValueError("high must be above low")
        return self


class Criterion(BaseModel):
    """One thing that gets a mark of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = Field(min_length=1, description="What low and high marks mean.")
    weight: float = Field(1.0, gt=0, allow_inf_nan=False, description="Share of the value.")


class Rubric(BaseModel):
    """A rubric file.

    Example:
        >>> rubric = load("empathy")
        >>> sorted(rubric.criteria)
        ['explorations', 'interpretations', 'reactions']
        >>> rubric.value({"reactions": 2, "interpretations": 1, "explorations": 0})
        0.5
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    instructions: str = Field(min_length=1, description="What to judge, and how.")
    scale: Scale = Field(description="Lowest and highest mark of every criterion.")
    criteria: dict[str, Criterion] = Field(
        default_factory=dict, description="Name to criterion; without any, one overall mark."
    )

    @field_validator("criteria")
    @classmethod
    def _names(cls, criteria: dict[str, Criterion]) -> dict[str, Criterion]:
        for name in criteria:
            if not name.isidentifier() or name in (OVERALL, "reason"):
                raise ValueError(f"{name!r} is no name for a criterion; use letters, digits and _")
        return criteria

    @property
    def marks(self) -> tuple[str, ...]:
        """Names of the marks that a verdict must hold."""
        return tuple(self.criteria) or (OVERALL,)

    def value(self, marks: Mapping[str, float]) -> float:
        """The weighted mean of the marks, with the scale mapped to [0, 1].

        Args:
            marks: One number within the scale for each of ``marks``.

        Returns:
            ``sum(w * (mark - low) / (high - low)) / sum(w)``, in [0, 1].
        """
        weights = {name: item.weight for name, item in self.criteria.items()} or {OVERALL: 1.0}
        low, high = self.scale.low, self.scale.high
        total = sum(weights[name] * (marks[name] - low) / (high - low) for name in weights)
        return min(max(total / sum(weights.values()), 0.0), 1.0)


def names() -> list[str]:
    """Names of the shipped rubrics.

    Example:
        >>> names()
        ['counselling', 'empathy']
    """
    return sorted(path.stem for path in SHIPPED.glob("*.yml"))


def load(rubric: str) -> Rubric:
    """Reads a rubric.

    Args:
        rubric: Path of a YAML file (with a slash or ``.yml``), or the name of a shipped rubric.

    Returns:
        The rubric.

    Raises:
        InputError: No such name or file, an unknown key, or a scale that does not rise.
    """
    if "/" in rubric or rubric.endswith((".yml", ".yaml")):
        return _read(Path(rubric))
    if rubric not in names():
        raise InputError(
            f"rubric: {rubric!r}: no shipped rubric has this name; "
            f"{did_you_mean(rubric, names())}; for a file of your own give its path"
        )
    return _read(SHIPPED / f"{rubric}.yml")


def _read(path: Path) -> Rubric:
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise InputError(f"{path}: a rubric is a mapping with instructions, scale and criteria")
    return validate(Rubric, data, (str(path),))
