"""YAML with the place of each key, read so that nothing in a file can do harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from emp_plugins.check.finding import Finding
from emp_plugins.errors import InputError

KeyPath = tuple[str | int, ...]
MAX_BYTES = 1_000_000
MAX_VALUES = 20_000
TAG = "tag:yaml.org,2002:"
MERGE, INTEGER = f"{TAG}merge", f"{TAG}int"
SHOWN = 40
"""Characters of a value that a message still shows."""


class BrokenRecipe(InputError):
    """The text is no YAML.

    Attributes:
        finding: What is wrong with it, and where.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


class _Loader(yaml.SafeLoader):
    """The safe loader, which also says where a value stands that Python cannot make."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, OverflowError):
            kind = node.tag.removeprefix(TAG)
            problem = f"{str(node.value)[:SHOWN]} cannot be read as {kind}; put it in quotes"
            raise yaml.constructor.ConstructorError(
                problem=problem, problem_mark=node.start_mark
            ) from None


class Place(NamedTuple):
    """Line and column of a key in its file, both from 1."""

    line: int
    column: int


def read_text(path: str) -> str:
    """The text of a recipe's file.

    Args:
        path: As the user wrote it.

    Returns:
        The text.

    Raises:
        InputError: It is no file, empty or too large.
        BrokenRecipe: It is not UTF-8.
    """
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


def load(path: str, text: str) -> tuple[Any, dict[KeyPath, Place], list[tuple[KeyPath, Place]]]:
    """Reads one YAML document with the safe loader.

    Args:
        path: What to call the file.
        text: Its content.

    Returns:
        The values; path of keys to the place of the last one; and the keys that a mapping repeats.

    Raises:
        BrokenRecipe: It is no YAML.
        InputError: It is nested too deeply, or its aliases unfold to too much.
    """
    places: dict[KeyPath, Place] = {}
    repeated: list[tuple[KeyPath, Place]] = []
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None, places, repeated
        if _unfolded(node, {}) > MAX_VALUES:
            raise InputError(f"{path}: its aliases unfold to more than {MAX_VALUES:,} values")
        _walk(node, (), places, repeated)
        return loader.construct_document(node), places, repeated
    except yaml.reader.ReaderError as error:
        raise BrokenRecipe(_unreadable(path, text, error)) from None
    except yaml.YAMLError as error:
        raise BrokenRecipe(_syntax(path, error)) from None
    except RecursionError:
        raise InputError(f"{path}: nested too deeply for a recipe") from None


def _unreadable(path: str, text: str, error: yaml.reader.ReaderError) -> Finding:
    """A character that no YAML file may hold; it is often left by a copy from elsewhere."""
    line = text.count("\n", 0, error.position) + 1
    column = error.position - text.rfind("\n", 0, error.position)
    message = f"the character U+{ord(text[error.position]):04X} is not allowed in YAML"
    return Finding(path, line, column, "", "error", message, "delete it")


def _syntax(path: str, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or "not YAML"
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
    """A key as text, but for whole numbers; YAML's yes and no are true and false."""
    if node.tag == INTEGER and node.value.isdecimal():
        return int(node.value)
    if node.tag == f"{TAG}bool":
        return str(yaml.SafeLoader.bool_values.get(node.value.lower(), node.value)).lower()
    return "null" if node.tag == f"{TAG}null" else str(node.value)


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
