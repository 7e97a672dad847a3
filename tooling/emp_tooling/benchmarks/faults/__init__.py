"""Single-edit faults of the shipped recipes, and who finds them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.errors import InputError
from emp_plugins.files import read_yaml
from emp_plugins.validation import validate

TABLES = tuple(Path(__file__).parent / name for name in ("table.yml", "independent.yml"))


class Fault(BaseModel):
    r"""One edit that breaks a recipe.

    Example:
        >>> fault = Fault(group="typo", recipe="a", find="beta:", edit="bta:", key="trl.bta")
        >>> fault.applied("trl:\n  beta: 0.1\n"), fault.line("trl:\n  beta: 0.1\n")
        ('trl:\n  bta: 0.1\n', 2)
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: str = Field(description="What kind of fault it is.")
    recipe: str = Field(description="Name of the shipped recipe, without its suffix.")
    find: str = Field(description="Text that stands in it once.")
    edit: str = Field(description="What it is replaced by.")
    key: str = Field("", description="Key that the finding names; empty where there is none.")
    at: str | None = Field(None, description="Text at whose line the finding stands.")
    severity: Literal["error", "warning"] = "error"

    def applied(self, text: str) -> str:
        """The recipe with the fault.

        Args:
            text: The shipped recipe.

        Returns:
            Its text after the edit.

        Raises:
            InputError: ``find`` does not stand in it exactly once.
        """
        if text.count(self.find) != 1:
            times = text.count(self.find)
            raise InputError(f"{self.recipe}: {self.find!r} stands in it {times} times, not once")
        return text.replace(self.find, self.edit)

    def line(self, text: str) -> int:
        """The line where the fault is to be found, from 1.

        Args:
            text: The shipped recipe.

        Returns:
            The line of ``at`` in the edited text, or else of the first character that differs.
        """
        edited = self.applied(text)
        if self.at is not None:
            start = edited.index(self.at) + len(self.at) - len(self.at.lstrip("\n"))
            return edited.count("\n", 0, start) + 1
        pairs = enumerate(zip(text, edited, strict=False))
        first = next((place for place, (old, new) in pairs if old != new), len(text))
        return edited.count("\n", 0, first) + 1


@cache
def load_faults() -> Mapping[str, Fault]:
    """The tables.

    Returns:
        Name to fault.

    Raises:
        InputError: An entry is no fault.
    """
    rows = [item for table in TABLES for item in read_yaml(table).items()]
    return {name: validate(Fault, row, (name,)) for name, row in rows}


def write(fault: Fault, recipes: Path, out: Path) -> Path:
    """Writes a recipe with a fault.

    Args:
        fault: The fault.
        recipes: Folder of the shipped recipes.
        out: Folder to write to.

    Returns:
        The file; characters from U+DC80 to U+DCFF in the edit become the bytes that they stand for.
    """
    text = (recipes / f"{fault.recipe}.yml").read_text(encoding="utf-8")
    file = out / f"{fault.recipe}.yml"
    file.write_bytes(fault.applied(text).encode("utf-8", errors="surrogateescape"))
    return file
