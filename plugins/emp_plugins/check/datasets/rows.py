"""Whether the first rows of a file hold what their type reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emp_plugins.check.datasets.contracts import Column, Columns, columns_of, names_of
from emp_plugins.check.datasets.reader import Row
from emp_plugins.check.datasets.values import Names, fault
from emp_plugins.check.files.products import method_name, verb_for
from emp_plugins.check.finding import Finding, nearest
from emp_plugins.check.recipe import KeyPath, Recipe

SHAPES: Mapping[str, frozenset[str]] = {
    "pairs": frozenset({"prompt", "chosen", "rejected"}),
    "kto": frozenset({"prompt", "completion", "label"}),
    "groups": frozenset({"prompt", "completions", "scores"}),
    "dialogues": frozenset({"messages"}),
    "prompts": frozenset({"prompt"}),
}
"""Verb of ``emp-datagen`` -> the columns that tell its rows from those of the others."""

MISSING = "no such column"
TOKENIZED = {"input_ids", "attention_mask", "labels"}
SHAREGPT = {"from", "value"}


def check_rows(
    recipe: Recipe, key: KeyPath, entry: Mapping[str, Any], rows: Sequence[Row]
) -> Iterator[Finding]:
    """What keeps rows from being trained on.

    Args:
        recipe: The recipe.
        key: Path of the entry of ``datasets``.
        entry: The entry.
        rows: The first rows of its file, at least one.

    Yields:
        One error for a file that is for another method, else one for each column with a fault.
    """
    columns = columns_of(entry, recipe.method)
    if recipe.method == "sft" and set(rows[0].values) >= TOKENIZED:
        return
    absent = tuple(c for c in columns if not any(_name(c, row.values) for row in rows))
    other = _other_method(recipe.method, columns, absent, rows)
    if other:
        wanted = ", ".join(column.name for column in columns)
        method = method_name(recipe.method)
        yield recipe.finding(
            (*key, "path"),
            f"{_file(rows[0])} holds {_noun(other)}; {method} reads {wanted} here",
            suggestion=f"make them: emp-datagen {verb_for(recipe.method)}",
        )
        return
    names = names_of(entry, recipe.method)
    for column in columns:
        yield from check_column(recipe, key, column, rows, names)


def check_column(
    recipe: Recipe, key: KeyPath, column: Column, rows: Sequence[Row], names: Names
) -> Iterator[Finding]:
    """One finding about a column, at its first row with a fault.

    Args:
        recipe: The recipe.
        key: Path of the entry of ``datasets``.
        column: What must be there.
        rows: The rows.
        names: How messages name their parts.

    Yields:
        An error, with the number of further rows; nothing where all rows are right.
    """
    faults = [(row, why) for row in rows if (why := _fault(column, row, names))]
    if not faults:
        return
    row, why = faults[0]
    more = f" (and in {len(faults) - 1} more of the first {len(rows)} rows)" * (len(faults) > 1)
    where = (*key, *(column.key or ("path",)))
    message = f"{row.place}: {column.name}: {why}{more}"
    yield recipe.finding(where, message, suggestion=_suggestion(column, row, why))


def _suggestion(column: Column, row: Row, why: str) -> str:
    """The near column, or what to set where the messages have another name or other parts."""
    if why == MISSING:
        near = nearest(column.name, set(row.values))
        held = [name for name, value in row.values.items() if _first_message(value)]
        own = column.kind == "conversation" and not column.key and held
        return near or (f"set field_messages: {held[0]}" if own else "")
    if column.kind == "conversation" and SHAREGPT <= set(_first_message(row.values[column.name])):
        return "set message_property_mappings: {role: from, content: value}"
    return ""


def _first_message(value: Any) -> Mapping[str, Any]:
    first = value[0] if isinstance(value, list) and value else None
    return first if isinstance(first, dict) else {}


def _fault(column: Column, row: Row, names: Names) -> str:
    name = _name(column, row.values)
    return fault(column.kind, row.values[name], names) if name else MISSING


def _name(column: Column, values: Mapping[str, Any]) -> str:
    return next((name for name in (column.name, *column.others) if name in values), "")


def _other_method(method: str, columns: Columns, absent: Columns, rows: Sequence[Row]) -> str:
    """The verb whose rows these are, where they are another's and no name is near a wanted one."""
    held = set(rows[0].values)
    verb = next((verb for verb, shape in SHAPES.items() if shape <= held), "")
    if not absent or not verb or verb == verb_for(method) or any(one.key for one in absent):
        return ""
    begun = {one.name for one in columns if one not in absent} - SHAPES[verb]
    misspelt = len(SHAPES[verb]) == 1 and any(nearest(one.name, held) for one in absent)
    return "" if begun or misspelt else verb


def _noun(verb: str) -> str:
    return f"{'labelled replies' if verb == 'kto' else verb} ({', '.join(sorted(SHAPES[verb]))})"


def _file(row: Row) -> str:
    return row.place.rpartition(":")[0]
