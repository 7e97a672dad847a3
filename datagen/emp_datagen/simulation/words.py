"""How clients react to what they heard, by the way they talk: ``bank/listening.yml``."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from emp_datagen.bank import SHIPPED
from emp_datagen.simulation.record import Effect
from emp_plugins.errors import InputError
from emp_plugins.files import read_yaml
from emp_plugins.validation import validate

FILE = "listening.yml"

Sentences = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class ByStyle(BaseModel):
    """Sentences by the way a client talks; a style without its own takes the plain ones."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Sentences]

    plain: Sentences

    def of(self, style: str) -> Sequence[str]:
        """The sentences of a style."""
        return (self.__pydantic_extra__ or {}).get(style) or self.plain


class Words(BaseModel):
    """``listening.yml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    eased: ByStyle = Field(description="After a reply that eased the client.")
    unmoved: ByStyle = Field(description="After one that did nothing for them.")
    hurt: ByStyle = Field(description="After one that hurt.")
    again: ByStyle = Field(description="Before a disclosure that is told again.")

    def reactions_for(self, effect: Effect, style: str) -> Sequence[str]:
        """How a client begins a message.

        Args:
            effect: What the last reply did.
            style: How they talk.
        """
        return getattr(self, effect).of(style)

    def again_for(self, style: str) -> Sequence[str]:
        """What comes before a disclosure that is told again."""
        return self.again.of(style)


@functools.cache
def load_words(folder: Path = SHIPPED) -> Words:
    """Reads ``listening.yml``.

    Args:
        folder: Where it lies; where it is missing in a user's folder, the package's counts.

    Returns:
        The words.

    Raises:
        InputError: Names the file, the entry and what is wrong with it.
    """
    path = Path(folder) / FILE
    path = path if path.exists() else SHIPPED / FILE
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise InputError(f"{path}: expected a mapping")
    try:
        return validate(Words, data, ())
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
