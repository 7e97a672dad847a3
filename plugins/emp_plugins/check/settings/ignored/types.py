"""Dataset types that Axolotl cannot load, and keys that a transform does not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe

GRPO = ("grpo", "gdpo")
SAME_CLASS = (*GRPO, "orpo")
"""Methods whose entries keep every key of SFT's."""

UNREAD = ("chat_template", "field_messages", "message_property_mappings", "roles_to_train")
"""Keys of an entry that our own transforms do not read."""

SHARDS = {
    "shards": "all rows are read",
    "shards_idx": "all rows are read",
    "preprocess_shards": "all rows are read that many times",
}


def check(recipe: Recipe) -> Iterator[Finding]:
    """Types that fail, and what stands in vain beside one that works.

    Args:
        recipe: The recipe.

    Yields:
        Errors for types, warnings for the rest.
    """
    for key, entry in recipe.datasets():
        yield from _shards(recipe, key, entry)
        kind = entry.get("type")
        if isinstance(kind, str):
            yield from _type(recipe, (*key, "type"), kind)
            yield from _keys(recipe, key, entry, kind)


def _type(recipe: Recipe, key: KeyPath, kind: str) -> Iterator[Finding]:
    method = recipe.method
    templated = kind.split(".")[0] == "chat_template"
    if method != "sft" and kind.count(".") > 1:
        _, _, function = kind.rpartition(".")
        yield recipe.finding(
            key,
            f"{kind}: Axolotl resolves one dot for rl: {method}, so a module inside a package is "
            "not found",
            suggestion=f"offer {function} from the package itself: {kind.split('.')[0]}.{function}",
        )
    elif templated and (method == "kto" or (method == "orpo" and kind != "chat_template.argilla")):
        yield recipe.finding(
            key,
            f"{kind}: Axolotl has no such type for rl: {method}",
            suggestion=f"use type: emp_plugins.{method}, which renders by the chat template",
        )
    elif templated and recipe.get("chat_template") == "gemma":
        yield recipe.finding(
            ("chat_template",),
            "this template refuses a system message, and Axolotl's own type does not fold it",
            severity="warning",
            suggestion="use data without system messages, or a type of emp_plugins",
        )


def _shards(recipe: Recipe, key: KeyPath, entry: Mapping[str, Any]) -> Iterator[Finding]:
    for name, message in SHARDS.items():
        if recipe.method in SAME_CLASS and entry.get(name):
            yield recipe.finding(
                (*key, name),
                f"only SFT shards its data; with rl: {recipe.method} {message}",
                severity="warning",
                suggestion="leave it out, or write a smaller file",
            )


def _keys(recipe: Recipe, key: KeyPath, entry: Mapping[str, Any], kind: str) -> Iterator[Finding]:
    if not kind.startswith("emp_plugins.") or recipe.method not in SAME_CLASS:
        return
    for name in UNREAD:
        if entry.get(name):
            yield recipe.finding(
                (*key, name),
                f"{kind} does not read it",
                severity="warning",
                suggestion="leave it out; the chat template is the recipe's chat_template",
            )
