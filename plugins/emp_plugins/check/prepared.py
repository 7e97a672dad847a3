"""Keeps Axolotl from training on data that has changed since it was prepared."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emp_plugins.check.datasets.files import files_of

DEFAULT_FOLDER = "last_run_prepared"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def pin_prepared_path(cfg: Any) -> None:
    """Puts the prepared data set in a folder named after what it is made from.

    Axolotl finds prepared data again by the recipe's keys alone: with the same path and other
    content it trains on the old rows without a word. Here the content of local data files, the
    template and a local tokenizer is part of the folder's name. Calling it again changes nothing.

    Args:
        cfg: Axolotl's raw configuration; ``dataset_prepared_path`` is changed in place.
    """
    files = sorted(set(_inputs(cfg)))
    if not files:
        return
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path}\0{content}\0".encode())
    name = f"content-{digest.hexdigest()[:16]}"
    folder = Path(cfg.get("dataset_prepared_path") or DEFAULT_FOLDER)
    cfg["dataset_prepared_path"] = str(folder if folder.name == name else folder / name)


def _inputs(cfg: Mapping[str, Any]) -> Iterator[Path]:
    for key in ("datasets", "test_datasets"):
        for entry in cfg.get(key) or []:
            yield from files_of(entry)
    block = cfg.get("empathy")
    if isinstance(block, Mapping) and block.get("template"):
        yield from _existing(Path(str(block["template"])))
    for folder in (cfg.get("tokenizer_config"), cfg.get("base_model")):
        if folder:
            for name in TOKENIZER_FILES:
                yield from _existing(Path(str(folder)) / name)


def _existing(path: Path) -> Iterator[Path]:
    if os.path.isfile(path):
        yield path
