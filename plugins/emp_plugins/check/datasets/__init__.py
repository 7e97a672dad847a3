"""Data that is missing, cannot be read, or does not hold what the method and the rewards read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emp_plugins.check.datasets.contracts import OURS
from emp_plugins.check.datasets.files import check_files, files_of, kind_of
from emp_plugins.check.datasets.lengths import check_lengths
from emp_plugins.check.datasets.reader import read
from emp_plugins.check.datasets.reads import check_reads
from emp_plugins.check.datasets.rows import check_rows
from emp_plugins.check.files.products import method_name
from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe


def check(recipe: Recipe) -> Iterator[Finding]:
    """What is wrong with the data of a recipe; nothing is asked of the hub.

    Args:
        recipe: The recipe. Relative paths start at the working folder, as in training.

    Yields:
        Errors about files, rows and columns, warnings about lengths and about test data that is
        training data too, a note for data that a command of ours makes. No message quotes a row.
    """
    for key, entry in recipe.datasets():
        found = [*_method(recipe, key, entry), *check_files(recipe, key, entry)]
        yield from found
        if not found:
            for file in files_of(entry):
                yield from _content(recipe, key, entry, file)
    yield from _shared(recipe)


def _content(
    recipe: Recipe, key: KeyPath, entry: Mapping[str, Any], file: Path
) -> Iterator[Finding]:
    table = read(file, kind_of(entry, file, recipe.method))
    if table.unread:
        yield recipe.finding((*key, "path"), table.unread, severity="note")
    if table.fault:
        yield recipe.finding((*key, "path"), table.fault)
    elif table.rows:
        found = list(check_rows(recipe, key, entry, table.rows))
        yield from found
        yield from check_reads(recipe, key, entry, table.rows)
        if not found:
            yield from check_lengths(recipe, key, entry, table.rows)


def _method(recipe: Recipe, key: KeyPath, entry: Mapping[str, Any]) -> Iterator[Finding]:
    """Our transforms are each for some methods only."""
    kind = str(entry.get("type") or "")
    methods, _ = OURS.get(kind.removeprefix("emp_plugins."), ((), ()))
    if not kind.startswith("emp_plugins.") or not methods or recipe.method in methods:
        return
    fitting = [name for name, (others, _) in OURS.items() if others[:1] == (recipe.method,)]
    right = f"emp_plugins.{fitting[0]}" if fitting else "chat_template"
    right = right if recipe.method in ("sft", "orpo") or fitting else "emp_plugins.pairs"
    yield recipe.finding(
        (*key, "type"),
        f"{kind} makes rows for rl: {' or '.join(methods)}, not for {method_name(recipe.method)}",
        suggestion=f"set type: {right}",
    )


def _shared(recipe: Recipe) -> Iterator[Finding]:
    """Test data that is training data measures what was learnt by heart."""
    entries = list(recipe.datasets())
    trained = {_source(entry): key for key, entry in entries if key[0] == "datasets"}
    for key, entry in entries:
        source = _source(entry)
        if key[0] == "test_datasets" and source[0] and source in trained:
            yield recipe.finding(
                (*key, "path"),
                f"{entry['path']} is trained on as well",
                severity="warning",
                suggestion="hold rows out: emp-datagen … --split dev, or val_set_size",
            )


def _source(entry: Mapping[str, Any]) -> tuple[str, ...]:
    path = str(entry.get("path") or "")
    source = str(Path(path)) if path else ""
    return (source, *(str(entry.get(name)) for name in ("split", "name", "data_files")))
