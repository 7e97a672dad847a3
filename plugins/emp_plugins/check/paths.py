"""Models and data sets that a recipe names and this machine does not have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError

WASSA = "miladsolo/wassa-conv-turn-empathy"
DATA_SUFFIXES = (".json", ".jsonl", ".csv", ".parquet", ".arrow")
OUTPUT_FOLDERS = ("build", "data", "out", "output", "outputs", "checkpoints", "models")


def check_base_model(cfg: Mapping[str, Any]) -> None:
    """Refuses a ``base_model`` that can only be a folder and is none.

    Args:
        cfg: The recipe.

    Raises:
        InputError: The folder is missing; without this Axolotl would ask the hub for it.
    """
    base = str(cfg.get("base_model") or "")
    if not base or Path(base).exists():
        return
    if base.startswith((".", "/", "~")) or base.split("/")[0] in OUTPUT_FOLDERS:
        raise InputError(
            f"base_model: {base}: no such folder; the tiny models are made by `make demo` "
            "(or `emp tiny`, then `axolotl train recipes/tiny_sft.yml`)"
        )


def check_dataset_files(cfg: Mapping[str, Any]) -> None:
    """Reads the local files of ``datasets`` and ``test_datasets`` once.

    Args:
        cfg: The recipe.

    Raises:
        InputError: A file is missing, empty, not UTF-8, or a JSONL line is no object or lacks a
            prompt where our transforms need one; names the file and the line.
    """
    for key in ("datasets", "test_datasets"):
        for index, entry in enumerate(cfg.get(key) or []):
            path = str(entry.get("path") or "")
            if path.lower().endswith(DATA_SUFFIXES):
                _check_file(f"{key}[{index}].path", Path(path), str(entry.get("type") or ""))


def check_wassa(cfg: Mapping[str, Any]) -> None:
    """Says what to do when the WASSA conversations cannot be read.

    Args:
        cfg: The recipe.

    Raises:
        InputError: The hub refuses or cannot be reached and no copy is cached.
    """
    if all(entry.get("path") != WASSA for entry in cfg.get("datasets") or []):
        return
    from datasets import load_dataset_builder

    try:
        load_dataset_builder(WASSA)
    except Exception as error:  # the hub's failures share no base class
        raise InputError(
            f"datasets: {WASSA} cannot be read ({type(error).__name__}); it may be private. "
            "Use our own prompts instead: run `emp-datagen prompts`, then set "
            "`path: data/prompts.jsonl`, `ds_type: json` and `type: emp_plugins.prompts`"
        ) from None


def _check_file(key: str, path: Path, kind: str) -> None:
    if not path.is_file():
        raise InputError(f"{key}: {path}: no such file; `emp-datagen --help` lists what makes data")
    if path.stat().st_size == 0:
        raise InputError(f"{key}: {path}: the file is empty")
    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                _check_line(f"{key}: {path}:{number}", line, kind)


def _check_line(where: str, line: bytes, kind: str) -> None:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: not JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: expected an object, got {type(row).__name__}")
    if kind.startswith("emp_plugins.") and kind != "emp_plugins.wassa":
        _check_prompt(where, row.get("prompt"))


def _check_prompt(where: str, prompt: Any) -> None:
    if isinstance(prompt, str) and prompt.strip():
        return
    messages = prompt if isinstance(prompt, list) else []
    if not messages:
        raise InputError(f"{where}: prompt: expected text or a list of messages")
    for message in messages:
        if not isinstance(message, dict) or not {"role", "content"} <= message.keys():
            raise InputError(f"{where}: prompt: a message needs role and content")
