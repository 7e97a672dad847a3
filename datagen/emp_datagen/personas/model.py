"""What a persona file holds: who the client is, what they say and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

SPLITS = ("train", "dev", "heldout")
"""What situations are for: to train on, to choose settings on, to measure on at the end."""

Split = Literal["train", "dev", "heldout", "all"]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], Field(min_length=1)]
Axis = Annotated[float, Field(ge=-1, le=1)]
Four = Annotated[list[Axis], Field(min_length=4, max_length=4)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Strict):
    """Something the client says, and how a reply would say it back."""

    text: Text = Field(description="One sentence in the first person.")
    heard: str = Field(
        "",
        description="The same in the second person and in other words, as it would go on after "
        '"It sounds like": half the day is gone before you are up.',
    )

    @field_validator("heard")
    @classmethod
    def _continues(cls, heard: str) -> str:
        if heard and (heard[-1] in ".!?" or heard[0] == " "):
            raise ValueError('a clause that goes on after "It sounds like", without a full stop')
        return heard


class Severity(_Strict):
    """One degree of the disorder."""

    name: Text = Field(description="As the state header shows it.")
    code: Text = Field(description="ICD-10-CM code.")
    weight: float = Field(1.0, gt=0, description="How often it is drawn.")
    shift: float = Field(0.0, ge=-1, le=1, description="Added to every axis of the affect.")
    note: str = Field("", description="What the degree means.")


class Demographics(_Strict):
    """A kind of person with this disorder."""

    age: Annotated[list[int], Field(min_length=2, max_length=2)] = Field(description="From, to.")
    gender: Texts
    occupation: Text
    home: Text
    roles: list[Text] = Field([], description="What a situation can need, such as parent.")

    @model_validator(mode="after")
    def _ordered(self) -> Demographics:
        if not 18 <= self.age[0] <= self.age[1] <= 110:
            raise ValueError("age: expected [from, to] within 18 to 110")
        return self


class Situation(Said):
    """What happened, in the client's words."""

    topic: Text = Field(description="Short noun phrase as a reply would say it: your sleep.")
    axis: Literal["introspection", "temper", "attitude", "sensitivity"] = Field(
        description="The affect axis that it lowers most."
    )
    needs: str | None = Field(None, description="Role without which it makes no sense.")


class Situations(_Strict):
    """What happened, by split."""

    train: Annotated[list[Situation], Field(min_length=1)]
    dev: Annotated[list[Situation], Field(min_length=1)]
    heldout: Annotated[list[Situation], Field(min_length=1)]

    @model_validator(mode="after")
    def _apart(self) -> Situations:
        seen: dict[str, str] = {}
        for split in SPLITS:
            for number, situation in enumerate(getattr(self, split)):
                place = f"{split}.{number}"
                first = seen.setdefault(" ".join(situation.text.casefold().split()), place)
                if first != place:
                    raise ValueError(f"{place}: the same situation as {first}")
        return self


class Thought(Said):
    """An automatic thought."""

    distortion: Text = Field(description="Its name in cognitive therapy.")


class Fact(_Strict):
    """Something that a client asks about the disorder, and what is known."""

    ask: Text = Field(description="The client's question, one sentence in the first person.")
    answer: Text = Field(description="One or two plain sentences, without advice or a diagnosis.")


class Affect(_Strict):
    """Usual affect in the order introspection, temper, attitude, sensitivity."""

    mean: Four
    sd: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=4, max_length=4)]


class Communication(_Strict):
    """A way of talking."""

    style: Text
    weight: float = Field(1.0, gt=0, description="How often it is drawn.")
    sentences: Annotated[list[int], Field(min_length=2, max_length=2)] = Field(
        description="Fewest and most sentences, 1 to 3."
    )
    openers: list[Text] = Field([], description="Sentences before the situation.")
    closers: list[Text] = Field([], description="Sentences at the end.")

    @model_validator(mode="after")
    def _ordered(self) -> Communication:
        if not 1 <= self.sentences[0] <= self.sentences[1] <= 3:
            raise ValueError("sentences: expected [fewest, most] within 1 to 3")
        return self


class Openness(_Strict):
    """How openly risk is disclosed: how often each form is drawn."""

    plain: float = Field(1.0, ge=0)
    coded: float = Field(1.0, ge=0)
    retracted: float = Field(1.0, ge=0)


class Disclosures(_Strict):
    """Sentences that disclose one level of risk, by how openly they do; never a method."""

    plain: list[Text] = Field([], description="In so many words.")
    coded: list[Text] = Field([], description="By euphemism, slang or what the client does.")
    retracted: list[Text] = Field([], description="Said and taken back in the same breath.")

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter((*self.plain, *self.coded, *self.retracted))


class Risk(_Strict):
    """How often and how openly risk is disclosed."""

    weights: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=5, max_length=5)] = (
        Field(description="How often each level 0 to 4 is drawn.")
    )
    openness: Openness = Field(Openness(), description="How often each form is drawn.")
    disclosures: dict[Literal[1, 2, 3, 4], Disclosures] = Field(
        description="By level; a plain list counts as said in so many words."
    )

    @field_validator("disclosures", mode="before")
    @classmethod
    def _listed(cls, levels: Any) -> Any:
        if not isinstance(levels, dict):
            return levels
        return {k: {"plain": v} if isinstance(v, list) else v for k, v in levels.items()}

    @model_validator(mode="after")
    def _covered(self) -> Risk:
        for level, weight in enumerate(self.weights):
            if level and weight and not list(self.disclosures.get(level, ())):
                raise ValueError(f"disclosures: level {level} has a weight and no sentence")
        if not sum(self.weights):
            raise ValueError("weights: all are 0")
        return self


class Persona(_Strict):
    """One client profile."""

    key: Text = Field(description="Name of the file, without .yml.")
    diagnosis: Text = Field(description="Abbreviation, as the state header shows it.")
    title: Text = Field(description="DSM-5-TR name.")
    chapter: Text = Field("Other", description="DSM-5-TR chapter.")
    sources: Texts = Field(description="Where the clinical facts come from.")
    severities: Annotated[list[Severity], Field(min_length=1)]
    demographics: Annotated[list[Demographics], Field(min_length=1)]
    situations: Situations
    symptoms: Annotated[list[Said], Field(min_length=1)]
    thoughts: Annotated[list[Thought], Field(min_length=1)]
    affect: Affect
    communication: Annotated[list[Communication], Field(min_length=1)]
    risk: Risk
    facts: list[Fact] = Field([], description="What clients ask about, and what is known.")
    triggers: Texts
    goals: Texts
    helps: Texts
    backfires: Texts

    @field_validator("symptoms", mode="before")
    @classmethod
    def _bare(cls, symptoms: Any) -> Any:
        if not isinstance(symptoms, list):
            return symptoms
        return [{"text": item} if isinstance(item, str) else item for item in symptoms]

    @model_validator(mode="after")
    def _playable(self) -> Persona:
        for split in SPLITS:
            for number, situation in enumerate(self.situations_of(split)):
                if not self.people(situation):
                    place = f"situations.{split}.{number}.needs"
                    raise ValueError(f"{place}: nobody has the role {situation.needs!r}")
        return self

    def people(self, situation: Situation) -> list[Demographics]:
        """The demographics in which a situation makes sense."""
        needs = situation.needs
        return [person for person in self.demographics if needs is None or needs in person.roles]

    def situations_of(self, split: Split) -> list[Situation]:
        """The situations of a split.

        Args:
            split: ``train``, ``dev``, ``heldout`` or ``all``.

        Returns:
            The situations in the order of the file.
        """
        names = SPLITS if split == "all" else (split,)
        return [situation for name in names for situation in getattr(self.situations, name)]
