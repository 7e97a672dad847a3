"""The tokenizer, where it lies in a local folder."""

from __future__ import annotations

import os
from pathlib import Path

from emp_plugins.check.architectures import find
from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.errors import InputError

FILES = ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json")
DEFAULT = "tokenizer_default"
"""Axolotl's word for the template that comes with the tokenizer."""


def check(recipe: Recipe) -> list[Finding]:
    """Loads the tokenizer and holds it against the template and the model.

    Args:
        recipe: The recipe.

    Returns:
        What is wrong; empty where the tokenizer is not on this machine.
    """
    key: KeyPath = ("tokenizer_config",) if recipe.get("tokenizer_config") else ("base_model",)
    folder = Path(str(recipe.get(*key) or ""))
    if not any(os.path.isfile(folder / name) for name in FILES):
        return []
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # a broken file fails in any of three libraries
        words = " ".join(str(error).split())
        return [recipe.finding(key, f"its tokenizer cannot be loaded: {words[:300]}")]
    found = []
    if recipe.get("chat_template") == DEFAULT and not tokenizer.chat_template:
        message = f"the tokenizer in {folder} has no chat template"
        hint = "name one of Axolotl's templates, for example chatml"
        found.append(recipe.finding(("chat_template",), message, suggestion=hint))
    rows = _rows(str(recipe.get("base_model")))
    if rows is not None and len(tokenizer) > rows:
        message = f"the tokenizer knows {len(tokenizer):,} tokens and the model {rows:,}"
        hint = "take the model's own tokenizer"
        found.append(recipe.finding(key, message, severity="warning", suggestion=hint))
    return found


def _rows(base_model: str) -> int | None:
    try:
        rows = (find(base_model) or {}).get("vocab_size")
    except InputError:
        return None
    return rows if isinstance(rows, int) else None
