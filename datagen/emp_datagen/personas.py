"""Personas: who the client is, what they say and how, read from one YAML file each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.files import read_yaml

SHIPPED = Path(__file__).parent / "personas"
"""The folder of the personas that come with the package."""

SPLITS = ("train", "dev", "heldout")
"""What situations are for: to train on, to choose settings on, to measure on at the end."""

Split = Literal["train", "dev", "heldout", "all"]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], Field(min_length=1)]
Axis = Annotated[float, Field(ge=-1, le=1)]
Four = Annotated[list[Axis], Field(min_length=4, max_length=4)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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


class Situation(_Strict):
    """What happened, in the client's words."""

    text: Text = Field(description="One sentence in the first person.")
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


class Thought(_Strict):
    """An automatic thought."""

    text: Text
    distortion: Text = Field(description="Its name in cognitive therapy.")


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


class Risk(_Strict):
    """How often and how openly risk is disclosed."""

    weights: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=5, max_length=5)] = (
        Field(description="How often each level 0 to 4 is drawn.")
    )
    disclosures: dict[Literal[1, 2, 3, 4], Texts] = Field(
        description="Sentences by level; never a method."
    )

    @model_validator(mode="after")
    def _covered(self) -> Risk:
        for level, weight in enumerate(self.weights):
            if level and weight and level not in self.disclosures:
                raise ValueError(f"disclosures: level {level} has a weight and no sentence")
        if not sum(self.weights):
            raise ValueError("weights: all are 0")
        return self


class Persona(_Strict):
    """One client profile."""

    key: Text = Field(description="Name of the file, without .yml.")
    diagnosis: Text = Field(description="Abbreviation, as the state header shows it.")
    title: Text = Field(description="DSM-5-TR name.")
    sources: Texts = Field(description="Where the clinical facts come from.")
    severities: Annotated[list[Severity], Field(min_length=1)]
    demographics: Annotated[list[Demographics], Field(min_length=1)]
    situations: Situations
    symptoms: Texts
    thoughts: Annotated[list[Thought], Field(min_length=1)]
    affect: Affect
    communication: Annotated[list[Communication], Field(min_length=1)]
    risk: Risk
    triggers: Texts
    goals: Texts
    helps: Texts
    backfires: Texts

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


def load_persona(path: str | Path) -> Persona:
    """Reads one persona file.

    Args:
        path: The YAML file; its name is the persona's name.

    Returns:
        The persona.

    Raises:
        InputError: Names the file, the key and what is wrong with it.
    """
    path = Path(path)
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise InputError(f"{path}: a persona is a mapping of keys")
    if "key" in data:
        raise InputError(f"{path}: key: the name of the file is the persona's name; drop this line")
    try:
        return Persona(key=path.stem, **{str(key): value for key, value in data.items()})
    except ValidationError as error:
        raise InputError(f"{path}: {_first_mistake(error)}") from None


def find(folder: str | Path | None = None) -> dict[str, Path]:
    """The persona files that can be named.

    Args:
        folder: A folder with more of them; its files win over shipped ones of the same name.

    Returns:
        Name to file, in alphabetical order.

    Raises:
        InputError: The folder does not exist or holds no persona.
    """
    files = {path.stem: path for path in SHIPPED.glob("*.yml")}
    if folder is not None:
        own = {path.stem: path for path in Path(folder).glob("*.yml")}
        if not own:
            raise InputError(f"{folder}: no persona files (*.yml) in this folder")
        files |= own
    return dict(sorted(files.items()))


def load(names: Iterable[str] = ("all",), folder: str | Path | None = None) -> list[Persona]:
    """Reads the personas that were asked for.

    Args:
        names: Names, comma lists of them, or ``all``.
        folder: A folder with more persona files.

    Returns:
        The personas, each once, in the order asked for.

    Raises:
        InputError: A name is unknown (with the nearest) or a file has a mistake.

    Example:
        >>> [persona.diagnosis for persona in load(["mdd,gad"])]
        ['MDD', 'GAD']
    """
    files = find(folder)
    wanted = [name for entry in names for name in _split(entry)]
    if not wanted:
        raise InputError(f"personas: none named; {did_you_mean('', ['all', *files])}")
    chosen: dict[str, Path] = {}
    for written in wanted:
        name = written if written in files else written.lower()
        if name == "all":
            chosen |= files
        elif name not in files:
            raise InputError(f"personas: {name!r}: no such persona; {did_you_mean(name, files)}")
        else:
            chosen[name] = files[name]
    return [load_persona(path) for path in chosen.values()]


def _split(entry: str) -> Iterator[str]:
    return filter(None, (part.strip() for part in entry.split(",")))


def _first_mistake(error: ValidationError) -> str:
    mistake = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in mistake["loc"])
    if mistake["type"] == "extra_forbidden":
        allowed = _keys_at(mistake["loc"][:-1])
        hint = f"; {did_you_mean(str(mistake['loc'][-1]), allowed)}" if allowed else ""
        return f"{place}: unknown key{hint}"
    message = mistake["msg"].removeprefix("Value error, ")
    return f"{place}: {message[0].lower()}{message[1:]}" if place else message


def _keys_at(place: tuple[Any, ...]) -> list[str]:
    model: Any = Persona
    parts = {
        "severities": Severity,
        "demographics": Demographics,
        "situations": Situation,
        "thoughts": Thought,
        "communication": Communication,
        "affect": Affect,
        "risk": Risk,
    }
    if place == ("situations",):
        model = Situations
    elif place:
        model = parts.get(place[0])
    return [name for name in model.model_fields if name != "key"] if model else []
