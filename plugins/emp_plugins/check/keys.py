"""Unknown keys, wrong types and values out of range, by the committed schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from emp_plugins.check.finding import Finding, Severity, nearest
from emp_plugins.check.recipe import KeyPath, Recipe, dotted
from emp_plugins.check.schema import words
from emp_plugins.check.schema.faults import faults, unknown
from emp_plugins.check.schema.lax import validator
from emp_plugins.check.schema.places import dataset_keys, elsewhere, likely
from emp_plugins.validation import plain

KINDS = {
    ("empathy", "judges"): "judge",
    ("empathy", "matrix"): "emotion",
    ("empathy", "rewards"): "reward",
}
"""What the keys of a block are, where they are not called keys."""

COLUMNS = "rename the columns in the data, or give a function of yours as type: PACKAGE.FUNCTION"
INSTEAD_OF_UNKNOWN = {
    "rl_adapter_ref_model": "leave it out: with an adapter the reference is the model without it",
}
"""Key that earlier versions of Axolotl knew to what became of it."""

INSTEAD_OF_DROPPED = {
    "chat_template": "set chat_template at the top level",
    "ds_type": "leave it out: the file's suffix says it",
    "field_messages": COLUMNS,
    "message_property_mappings": COLUMNS,
    "name": "choose the files with data_files",
    "roles": COLUMNS,
    "shards": "leave it out, or write a smaller file",
}
"""Key that a class of data sets drops to what serves its purpose."""

DROPPED = "Axolotl drops this key"

OF_FSDP1 = {
    "backward_prefetch": "leave it out",
    "forward_prefetch": "leave it out",
    "limit_all_gathers": "leave it out",
    "sharding_strategy": "reshard_after_forward: true stands for FULL_SHARD, false for "
    "SHARD_GRAD_OP",
}
"""Key of ``fsdp_config``, with or without its old prefix, that older recipes have and that no
version of FSDP is told any more."""

SIZES = {
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
}
QUOTES = "put it in quotes"
UNSLOTH = "leave it out; emp train --engine unsloth trains the recipe with Unsloth"
YAML_TRUTHS = f"{QUOTES}: YAML reads no, off, yes and on as true or false"


def check(recipe: Recipe) -> Iterator[Finding]:
    r"""Compares a recipe with the schema of what Axolotl, its integrations and we read.

    Args:
        recipe: The recipe.

    Yields:
        One finding a fault, at its key.

    Example:
        >>> text = "base_model: org/name\nlearning_rate: 5e-6\ntrl: {num_generation: 8}\n"
        >>> for finding in check(Recipe.from_text("a.yml", text)):
        ...     print(finding)
        a.yml:3:7: trl.num_generation: unknown key; did you mean num_generations?
    """
    yield from _repeated(recipe)
    for error in faults(validator().iter_errors(plain(recipe.data))):
        path: KeyPath = tuple(_step(step) for step in error.absolute_path)
        yield from REPORTS.get(error.validator, _wrong_value)(recipe, path, error)


def _repeated(recipe: Recipe) -> Iterator[Finding]:
    for path, place in recipe.repeated:
        message = "stands twice; YAML keeps the last"
        yield Finding(recipe.path, place.line, place.column, dotted(path), "error", message)


def _unknown(recipe: Recipe, path: KeyPath, error: Any) -> Iterator[Finding]:
    for key in unknown(error):
        name, step = str(_step(key)), (*path, _step(key))
        if len(path) == 2 and path[0] == "datasets" and name in dataset_keys():
            hint = INSTEAD_OF_DROPPED.get(name, "")
            message = f"{DROPPED} for rl: {recipe.get('rl')}" if recipe.get("rl") else DROPPED
            yield recipe.finding(step, message, severity="warning", suggestion=hint)
        elif path == ("fsdp_config",) and name.removeprefix("fsdp_") in OF_FSDP1:
            hint = OF_FSDP1[name.removeprefix("fsdp_")]
            yield recipe.finding(step, DROPPED, severity="warning", suggestion=hint)
        else:
            severity, message = _strangeness(recipe, path)
            hint = INSTEAD_OF_UNKNOWN.get(name) or _meant(name, path, error.schema["properties"])
            yield recipe.finding(step, message, severity=severity, suggestion=hint)


def _meant(name: str, path: KeyPath, allowed: Iterable[str]) -> str:
    """Where the key belongs, the near one, or all that there are.

    Deep in our own block the settings of a reward or a judge may share a name with any key of
    Axolotl's, so no other place is named there.
    """
    ours = len(path) > 1 and path[0] == "empathy"
    hint = ("" if ours else elsewhere(name, dotted(path))) or likely(name, allowed)
    listed = sorted(allowed)
    few = 0 < len(listed) <= words.FEW
    return hint or (f"the keys here are {', '.join(listed)}" if few else "")


def _strangeness(recipe: Recipe, path: KeyPath) -> tuple[Severity, str]:
    others = [
        name for name in _plugins(recipe) if not name.startswith(("axolotl.", "emp_plugins."))
    ]
    if not path and others:
        return "warning", f"unknown key, unless it belongs to {words.alternatives(others)}"
    return "error", f"unknown {KINDS.get(path, 'key')}"


def _missing(recipe: Recipe, path: KeyPath, error: Any) -> Iterator[Finding]:
    strangers = list(map(str, unknown(error)))
    for key in error.validator_value:
        misspelt = any(likely(name, [key]) for name in strangers)
        if key not in error.instance and not misspelt:
            yield recipe.finding((*path, key), "missing")


def _needs_plugin(recipe: Recipe, path: KeyPath, error: Any) -> Iterator[Finding]:
    wanted = error.validator_value
    if not any(_same_plugin(name, listed) for name in wanted for listed in _plugins(recipe)):
        message = f"{DROPPED} unless its plugin is listed"
        yield recipe.finding(path, message, suggestion=f"add {wanted[0]} to plugins")


def _same_plugin(name: str, listed: str) -> bool:
    """Whether a plugin is meant: under another module of its package, or with a slip in its name.

    That a listed plugin cannot be imported is for another check to say.
    """
    package, _, plugin = name.rpartition(".")
    return listed.startswith(f"{package}.") or listed.endswith(f".{plugin}")


def _plugins(recipe: Recipe) -> list[str]:
    listed = recipe.get("plugins") or []
    return [str(name) for name in (listed if isinstance(listed, list) else [listed])]


def _deprecated(recipe: Recipe, path: KeyPath, error: Any) -> Iterator[Finding]:
    if "x-removed" not in error.schema:
        hint = f"write {error.validator_value}"
        yield recipe.finding(path, "is deprecated", severity="warning", suggestion=hint)


def _dropped(recipe: Recipe, path: KeyPath, error: Any) -> Iterator[Finding]:
    hint = error.validator_value
    yield recipe.finding(path, DROPPED, severity="warning", suggestion=hint)


def _removed(recipe: Recipe, path: KeyPath, error: Any) -> Iterator[Finding]:
    instead = error.schema.get("x-instead")
    hint = f"write {instead}" if instead else "leave it out"
    if str(path[-1]).startswith("unsloth_"):
        hint = UNSLOTH
    yield recipe.finding(path, "Axolotl refuses this key", suggestion=hint)


def _out_of_range(recipe: Recipe, path: KeyPath, error: Any) -> Iterator[Finding]:
    wanted = SIZES[error.validator].format(error.validator_value)
    value = error.instance
    size = len(value) if error.validator.endswith(("Items", "Length")) else value
    yield recipe.finding(path, f"expected {wanted}, got {size}")


def _wrong_value(recipe: Recipe, path: KeyPath, error: Any) -> Iterator[Finding]:
    message = f"expected {words.expected(error.schema)}, got {words.got(error.instance)}"
    yield recipe.finding(path, message, suggestion=_hint(error.schema, error.instance))


def _hint(schema: Mapping[str, Any], value: Any) -> str:
    listed = list(map(str, words.values(schema)))
    kinds = {part.get("type") for part in words.branches(schema)}
    if isinstance(value, str) and listed:
        return nearest(value, listed) or nearest(value.lower(), listed)
    if isinstance(value, bool) and "string" in kinds:
        return YAML_TRUTHS
    if isinstance(value, int | float) and "string" in kinds:
        return QUOTES
    if kinds == {"array"} and isinstance(value, str | int | float) and not _of_mappings(schema):
        return f"write a list: [{value}]"
    return ""


def _of_mappings(schema: Mapping[str, Any]) -> bool:
    """Whether a schema's lists hold mappings; what those of ``datasets`` hold, the method says."""
    items = [part.get("items", {"type": "object"}) for part in words.branches(schema)]
    return any(part.get("type") == "object" for one in items for part in words.branches(one))


def _step(step: Any) -> str | int:
    """A key as the recipe's places name it: YAML's true and null as text."""
    if step is None:
        return "null"
    return step if isinstance(step, str | int) and not isinstance(step, bool) else str(step).lower()


REPORTS: Mapping[str, Callable[[Recipe, KeyPath, Any], Iterator[Finding]]] = {
    "additionalProperties": _unknown,
    "required": _missing,
    "x-dropped": _dropped,
    "x-instead": _deprecated,
    "x-plugin": _needs_plugin,
    "x-removed": _removed,
    **dict.fromkeys(SIZES, _out_of_range),
}
"""JSON Schema's keyword to what it means for a recipe; all others are about a value."""
