"""Rows that are longer than the recipe has room for, where the tokenizer is at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from emp_plugins.check.datasets.contracts import REWARDED, Columns, columns_of
from emp_plugins.check.datasets.reader import Row
from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.completion import Template
from emp_plugins.errors import InputError

A_MESSAGE = 4
"""Tokens that a chat template puts around a message, roughly."""

DEFAULT_LENGTH = 512
"""Axolotl's ``sequence_len``."""

Count = Callable[[str], int]


def check_lengths(
    recipe: Recipe, key: KeyPath, entry: Mapping[str, Any], rows: Sequence[Row]
) -> Iterator[Finding]:
    """Counts tokens roughly: the texts, and a few for each message.

    Args:
        recipe: The recipe; without a folder that holds ``tokenizer.json`` nothing is counted.
        key: Path of the entry of ``datasets``.
        entry: The entry.
        rows: The first rows of its file, which fit the type.

    Yields:
        A warning where rows are longer than there is room for; an error where all are and Axolotl
        would drop every one.
    """
    columns = columns_of(entry, recipe.method)
    limit, room = _room(recipe)
    count = _counter(recipe)
    if not columns or limit <= 0 or count is None:
        return
    lengths = [_length(row.values, columns, _system(recipe, entry), count) for row in rows]
    over = [length for length in lengths if length > limit]
    if not over:
        return
    prompts = recipe.method in REWARDED
    every = len(over) == len(rows) and not prompts
    fate = "GRPO neither cuts nor drops them" if prompts else "Axolotl drops them"
    yield recipe.finding(
        (*key, "path") if prompts else ("sequence_len",),
        f"about {len(over)} of the first {len(rows)} {'prompts' if prompts else 'rows'} are longer "
        f"than {room}, the longest about {max(over)} tokens; {fate}",
        severity="error" if every else "warning",
        suggestion=f"sequence_len: {_rounded(max(over) + _length_of_completion(recipe))}",
    )


def _room(recipe: Recipe) -> tuple[int, str]:
    """The tokens that a row may have, and in words where the number comes from."""
    length = recipe.get("sequence_len")
    if recipe.method in REWARDED:
        completion = _length_of_completion(recipe)
        if not isinstance(length, int) or not completion:
            return 0, ""
        return length - completion, (
            f"the {length - completion} that sequence_len {length} leaves beside "
            f"max_completion_length {completion}"
        )
    length = DEFAULT_LENGTH if length is None else length
    kept = str(recipe.get("excess_length_strategy") or "drop").lower() == "drop"
    return (length, f"sequence_len {length}") if isinstance(length, int) and kept else (0, "")


def _length_of_completion(recipe: Recipe) -> int:
    found = recipe.get("trl", "max_completion_length") if recipe.method in REWARDED else 0
    return found if isinstance(found, int) else 0


def _rounded(length: int) -> int:
    """A length that is a multiple of 64, which kernels like."""
    return -(-length // 64) * 64


def _length(values: Mapping[str, Any], columns: Columns, system: str, count: Count) -> int:
    """Tokens of the prompt and the longest reply to it."""
    length = count(system) + A_MESSAGE if system else 0
    replies = [0]
    for column in columns:
        found = _tokens(values.get(column.name), count)
        if column.name in ("chosen", "rejected"):
            replies.append(found)
        else:
            length += found
    return length + max(replies)


def _tokens(value: Any, count: Count) -> int:
    if isinstance(value, str):
        return count(value) + A_MESSAGE
    if isinstance(value, list):
        return sum(_tokens(item, count) for item in value)
    if isinstance(value, Mapping):
        texts = [text for name, text in value.items() if name != "role" and isinstance(text, str)]
        return sum(map(count, texts)) + A_MESSAGE
    return 0


def _system(recipe: Recipe, entry: Mapping[str, Any]) -> str:
    path = recipe.get("empathy", "template")
    if not str(entry.get("type")).startswith("emp_plugins.") or not isinstance(path, str):
        return ""
    try:
        return Template.load(path).system
    except InputError:
        return ""  # the check of the empathy: block says what is wrong with it


def _counter(recipe: Recipe) -> Count | None:
    for key in ("tokenizer_config", "base_model"):
        file = f"{recipe.get(key)}/tokenizer.json"
        if os.path.isfile(file):
            return _load(file, os.stat(file).st_mtime_ns)
    return None


@cache
def _load(path: str, changed: int) -> Count | None:
    """How many tokens a text has, by a file as it is now; None without its library."""
    try:
        from tokenizers import Tokenizer
    except ImportError:
        return None
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
