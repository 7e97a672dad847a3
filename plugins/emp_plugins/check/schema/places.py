"""Where in a recipe a key could stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from emp_plugins.check.finding import nearest
from emp_plugins.check.schema import load
from emp_plugins.check.schema.words import branches

DATASETS = ("SFTDataset", "DPODataset", "KTODataset", "StepwiseSupervisedDataset")
TOP = "the top level"
MANY = 3
"""A key that so many blocks have says nothing about where it belongs."""


@cache
def dataset_keys() -> frozenset[str]:
    """The keys that some class of data sets has."""
    definitions = load()["$defs"]
    return frozenset(key for name in DATASETS for key in definitions[name]["properties"])


@cache
def homes() -> Mapping[str, tuple[str, ...]]:
    """Key to the blocks that have it, as a user writes them.

    Example:
        >>> homes()["num_generations"], homes()["base_model"]
        (('trl',), ('the top level',))
    """
    found: dict[str, list[str]] = defaultdict(list)
    for home, key in _keys(load(), ""):
        if home not in found[key]:
            found[key].append(home)
    return {key: tuple(blocks) for key, blocks in found.items()}


def elsewhere(key: str, here: str) -> str:
    """Where a key that is unknown here belongs.

    Args:
        key: The key.
        here: The block that it stands in; empty for the top level.

    Returns:
        A suggestion; empty where no other block has the key, or too many have it.

    Example:
        >>> elsewhere("num_generations", "")
        'it belongs under trl'
        >>> elsewhere("learning_rate", "trl")
        'it belongs at the top level'
    """
    blocks = [block for block in homes().get(key, ()) if block != (here or TOP)]
    if TOP in blocks:
        return f"it belongs at {TOP}"
    return f"it belongs under {' or '.join(blocks)}" if 0 < len(blocks) < MANY else ""


def likely(name: str, allowed: Iterable[str]) -> str:
    """The suggestion that names the nearest allowed key, where it begins or ends the same.

    Args:
        name: What the user wrote.
        allowed: What could have been written.

    Returns:
        ``did you mean X?`` or an empty text.

    Example:
        >>> likely("optimzer", ["optimizer", "output_dir"]), likely("secrets", ["use_comet"])
        ('did you mean optimizer?', '')
    """
    return nearest(name, (key for key in allowed if key[0] == name[:1] or key[-1] == name[-1:]))


def _keys(schema: Mapping[str, Any], home: str) -> Iterator[tuple[str, str]]:
    for key, part in schema.get("properties", {}).items():
        yield home or TOP, key
        for inner in branches(part):
            yield from _keys(inner, f"{home}.{key}" if home else key)
    if not home:
        yield from (("datasets", key) for key in dataset_keys())
