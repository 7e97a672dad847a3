"""How far a completion follows the template."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.completion import Completion, Template
from emp_plugins.rewards.batch import Batch, Scores

NEEDS: tuple[str, ...] = ()
SCORES_MALFORMED = True
"""This reward is about malformed completions, so it scores them."""


class Params(BaseModel):
    """Parameters of ``structure``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    formula: Literal["graded", "strict"] = Field(
        "graded", description="graded: partial credit; strict: 1 for well-formed, else 0."
    )


def floor(params: Params) -> float:
    """The lowest value, 0."""
    return 0.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores the form alone, in [0, 1].

    graded: 1 when well-formed; otherwise 0.8 times the share of what is there: each tag exactly
    once, an answer that can be told apart, each reasoning line, an intensity from 0 to 5.
    Repeated tags earn nothing, so a completion gains nothing by stacking them.

    Args:
        batch: The replies.
        params: Which formula.
        template: The form that is asked for.

    Returns:
        One value a completion.
    """
    values = [1.0 if c.well_formed else 0.0 for c in batch.completions]
    if params.formula == "graded":
        values = [
            value or 0.8 * _share(completion, template)
            for value, completion in zip(values, batch.completions, strict=True)
        ]
    well_formed = [float(completion.well_formed) for completion in batch.completions]
    return Scores(values, {"well_formed": well_formed})


def _share(completion: Completion, template: Template) -> float:
    names = [template.reasoning_tag, *filter(None, [template.answer_tag])]
    tags = [tag for name in names for tag in (f"<{name}>", f"</{name}>")]
    if template.reasoning_prefilled:
        tags.remove(f"<{template.reasoning_tag}>")
    met = [completion.text.count(tag) == 1 for tag in tags]
    met.append(completion.answer is not None)
    lines = template.field_values(completion.reasoning if completion.reasoning else completion.text)
    met += [bool(lines.get(name)) for name in template.fields]
    if template.intensity_field:
        met.append("intensity is not a number from 0 to 5" not in completion.problems)
        met[-1] &= bool(lines.get(template.intensity_field))
    return sum(met) / len(met)
