"""A recipe with the place of each key, read so that nothing in it can do harm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from emp_plugins.check.finding import Finding, Severity
from emp_plugins.errors import InputError, kind
from emp_plugins.validation import plain

KeyPath = tuple[str | int, ...]
MAX_BYTES = 1_000_000
MAX_VALUES = 20_000
COMMAND_LINE = (
    *("axolotl_config_path", "debug", "debug_num_examples", "debug_text_only", "download"),
    *("iterable", "prompter", "shard"),
)
"""What Axolotl's commands put beside the keys of a recipe."""

MERGE, INTEGER = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:int"


class BrokenRecipe(InputError):
    """The text is no YAML.

    Attributes:
        finding: What is wrong with it, and where.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


class Place(NamedTuple):
    """Line and column of a key in its file, both from 1."""

    line: int
    column: int


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
        return cls.from_text(str(path), _text(str(path)), world_size)

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
        data, places, repeated = _load(path, text)
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
        texts = (" ".join(text.split("\n")) for text in (dotted(path), message, suggestion))
        key, message, suggestion = texts
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


def _text(path: str) -> str:
    file = Path(path)
    if "://" in path:
        raise InputError(f"{path}: give a file on this machine, not an address")
    if file.is_dir():
        raise InputError(f"{path}: is a folder; give its recipes, for example {file / '*.yml'}")
    if not file.is_file():
        raise InputError(f"{path}: no such file")
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"{path}: {size:,} bytes are no recipe (at most {MAX_BYTES:,})")
    raw = file.read_bytes()
    if not raw.strip():
        raise InputError(f"{path}: the file is empty")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        finding = Finding(path, line, column, "", "error", "not UTF-8", "save the file as UTF-8")
        raise BrokenRecipe(finding) from None


def _load(path: str, text: str) -> tuple[Any, dict[KeyPath, Place], list[tuple[KeyPath, Place]]]:
    loader = yaml.SafeLoader(text)
    places: dict[KeyPath, Place] = {}
    repeated: list[tuple[KeyPath, Place]] = []
    try:
        node = loader.get_single_node()
        if node is None:
            return None, places, repeated
        if _unfolded(node, {}) > MAX_VALUES:
            raise InputError(f"{path}: its aliases unfold to more than {MAX_VALUES:,} values")
        _walk(node, (), places, repeated)
        return loader.construct_document(node), places, repeated
    except yaml.YAMLError as error:
        raise BrokenRecipe(_syntax(path, error)) from None
    except RecursionError:
        raise InputError(f"{path}: nested too deeply for a recipe") from None
    finally:
        loader.dispose()


def _syntax(path: str, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    hint = ""
    if "\\t" in problem:
        problem, hint = "a tab where YAML wants spaces", "indent with spaces"
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Finding(path, line, column, "", "error", problem, hint)


def _unfolded(node: yaml.Node, seen: dict[int, int]) -> int:
    """How many values stand below a node when each alias is replaced by what it names."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in seen:
        seen[id(node)] = MAX_VALUES + 1  # what a node inside of itself would come to
        pairs = isinstance(node, yaml.MappingNode)
        children = [value for _, value in node.value] if pairs else node.value
        seen[id(node)] = 1 + sum(_unfolded(child, seen) for child in children)
    return seen[id(node)]


def _walk(
    node: yaml.Node,
    path: KeyPath,
    places: dict[KeyPath, Place],
    repeated: list[tuple[KeyPath, Place]],
) -> None:
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            places[(*path, index)] = _place(child)
            _walk(child, (*path, index), places, repeated)
    if not isinstance(node, yaml.MappingNode):
        return
    own: set[str | int] = set()
    for key, child, merged in _entries(node):
        step = (*path, _key(key))
        if not merged and step[-1] in own:
            repeated.append((step, _place(key)))
        if not merged:
            own.add(step[-1])
        places[step] = _place(key)
        _walk(child, step, places, repeated)


def _entries(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node, bool]]:
    """Key, value and whether ``<<`` brought them; the mapping's own come last and so win."""
    merges = [value for key, value in node.value if key.tag == MERGE]
    for value in merges:
        for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if isinstance(source, yaml.MappingNode):
                yield from ((key, child, True) for key, child, _ in _entries(source))
    yield from ((key, child, False) for key, child in node.value if key.tag != MERGE)


def _key(node: yaml.Node) -> str | int:
    if node.tag == INTEGER and node.value.isdecimal():
        return int(node.value)
    return str(node.value)


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
