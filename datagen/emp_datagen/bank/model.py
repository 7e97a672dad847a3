"""What the files of a bank hold: strategies of good replies, plans, styles, clinical errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

AXES = ("introspection", "temper", "attitude", "sensitivity")
Axis = Literal["introspection", "temper", "attitude", "sensitivity"]
Text = Annotated[str, Field(min_length=1)]
Forms = list[Text]
Move = Annotated[list[Text], Field(min_length=1)]
Moves = Annotated[list[Move], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Groups(_Strict):
    """Forms by the affect axis in deficit; ``general`` ones suit all."""

    general: Forms = []
    introspection: Forms = []
    temper: Forms = []
    attitude: Forms = []
    sensitivity: Forms = []


class Strategy(_Strict):
    """One thing that a good reply does, in one sentence."""

    definition: Text
    instruction: Text = Field(description="How a language model as teacher is told to do it.")
    forms: Groups


class When(_Strict):
    """A condition on the client's state; every key that is given must hold."""

    risk: int | None = Field(None, ge=0, le=4, description="Risk at least this.")
    asks: bool | None = Field(None, description="The client asks about the disorder.")
    low: Axis | None = Field(None, description="The axis in deficit.")


class Plan(_Strict):
    """One row of the table from state to strategies."""

    when: When = When()
    why: str = ""
    moves: Moves


class Style(_Strict):
    """A way of being a therapist."""

    instruction: Text = Field(description="How a language model as teacher is told to speak.")
    moves: list[Move] = Field([], description="In place of the plans' where nobody is at risk.")


class Strategies(_Strict):
    """``strategies.yml``."""

    strategies: dict[str, Strategy]
    plans: Annotated[list[Plan], Field(min_length=1)]
    styles: dict[str, Style]


class ClinicalError(_Strict):
    """One entry of ``errors.yml``."""

    definition: Text
    harm: Text = Field(description="Why it harms.")
    instruction: Text = Field(description="How a language model as teacher is told to make it.")
    approach: Annotated[list[Text], Field(min_length=1)] = Field(
        description="What its reasoning line says."
    )
    judges: dict[str, Literal["low"]] = Field(
        {}, description="Rewards that must see it: lower for it than for a good reply."
    )
    forms: Forms = Field([], description="Sentences; a reply takes two to four of them.")
    built_from: Literal["forms", "ordinary"] = Field(
        "forms", description="ordinary: a good reply, wrong after what the client said."
    )


class Words(_Strict):
    """``words.yml``."""

    feeling: dict[Axis, Forms]
    felt: dict[Axis, Forms]
    label: Forms
