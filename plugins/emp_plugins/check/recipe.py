"""A recipe with the place of each key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emp_plugins.check.finding import Finding, Severity
from emp_plugins.check.yaml_places import KeyPath, Place, load, read_text
from emp_plugins.errors import InputError, kind
from emp_plugins.validation import plain

COMMAND_LINE = (
    *("axolotl_config_path", "debug", "debug_num_examples", "debug_text_only", "download"),
    *("iterable", "prompter", "shard"),
)
"""What Axolotl's commands put beside the keys of a recipe."""


LONGEST = 1000
"""Characters of a message; values that it quotes may be of any length."""


@dataclass(frozen=True)
class Recipe:
    r"""What a recipe says, and where.

    Attributes:
        path: Its file, as the user wrote it.
        data: Its keys and values.
        places: Path of keys to the place of the last one.
        world_size: Number of processes that train.
        repeated: Keys that stand twice in one mapping: their path and where the second one is.

    Example:
        >>> recipe = Recipe.from_text("a.yml", "rl: grpo\ntrl:\n  beta: 0.1\n")
        >>> recipe.get("trl", "beta"), recipe.places[("trl", "beta")].line
        (0.1, 3)
        >>> print(recipe.finding(("trl", "beta"), "is high"))
        a.yml:3:3: trl.beta: is high
    """

    path: str
    data: Mapping[str, Any]
    places: Mapping[KeyPath, Place] = field(default_factory=dict)
    world_size: int = 1
    repeated: tuple[tuple[KeyPath, Place], ...] = ()

    @classmethod
    def read(cls, path: str | Path, world_size: int = 1) -> Recipe:
        """Reads a recipe's file.

        Args:
            path: A UTF-8 YAML file.
            world_size: Number of processes that train.

        Returns:
            The recipe.

        Raises:
            InputError: The file is no file, too large, no UTF-8, no YAML, or holds no mapping.
        """
        return cls.from_text(str(path), read_text(str(path)), world_size)

    @classmethod
    def from_text(cls, path: str, text: str, world_size: int = 1) -> Recipe:
        """Reads a recipe from the text of its file.

        Args:
            path: What to call the file.
            text: Its content.
            world_size: Number of processes that train.

        Returns:
            The recipe.

        Raises:
            InputError: It is no YAML, holds no mapping, or its aliases unfold to too much.
        """
        data, places, repeated = load(path, text)
        if not isinstance(data, dict):
            raise InputError(f"{path}: a recipe is a mapping of keys, this is {kind(data)}")
        return cls(path, data, places, world_size, tuple(repeated))

    @classmethod
    def from_config(cls, cfg: Mapping[str, Any], world_size: int = 1) -> Recipe:
        """The recipe of Axolotl's raw configuration, with the places of the file it came from.

        Args:
            cfg: Axolotl's configuration; options of the command line have replaced some values.
            world_size: Number of processes that train.

        Returns:
            The recipe.

        Raises:
            InputError: The file it came from cannot be read.
        """
        path = str(cfg.get("axolotl_config_path") or "")
        read = cls.read(path, world_size) if Path(path).is_file() else cls("recipe", {})
        data = {
            key: value
            for key, value in plain(cfg).items()
            if key in read.data or key not in COMMAND_LINE
        }
        return cls(read.path, data, read.places, world_size, read.repeated)

    def get(self, *path: str | int) -> Any:
        """The value under a path of keys, or None where there is none.

        Args:
            *path: Keys and list positions.

        Returns:
            The value.
        """
        value: Any = self.data
        for step in path:
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def finding(
        self,
        path: KeyPath,
        message: str,
        *,
        severity: Severity = "error",
        suggestion: str = "",
    ) -> Finding:
        """A finding about a key of this recipe.

        Args:
            path: The key's path; where the file lacks it, the nearest block around it is the place.
            message: What is wrong.
            severity: How bad that is.
            suggestion: What to do instead.

        Returns:
            The finding.
        """
        steps = path
        while steps and steps not in self.places:
            steps = steps[:-1]
        line, column = self.places.get(steps, Place(0, 0))
        key, message, suggestion = map(_one_line, (dotted(path), message, suggestion))
        return Finding(self.path, line, column, key, severity, message, suggestion)

    def datasets(self) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
        """Every entry of ``datasets`` and ``test_datasets`` that is a mapping, with its path."""
        for key in ("datasets", "test_datasets"):
            entries = self.data.get(key)
            for index, entry in enumerate(entries if isinstance(entries, list) else []):
                if isinstance(entry, Mapping):
                    yield (key, index), entry

    @property
    def method(self) -> str:
        """What ``rl`` says, in lower case; ``sft`` where it says nothing."""
        return str(self.data.get("rl") or "sft").lower()


def _one_line(text: str) -> str:
    """A text for a message: no line breaks, nothing that a terminal cannot write, not endless."""
    text = " ".join(text.split("\n")).encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def dotted(path: KeyPath) -> str:
    """A path of keys as text.

    Example:
        >>> dotted(("datasets", 0, "path"))
        'datasets[0].path'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
