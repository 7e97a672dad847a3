"""Where a run comes from: its recipe, data, packages and seed, as the record keeps them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from emp_plugins.monitor.prompts import Prompts
from emp_plugins.monitor.record import VERSION

PACKAGES = (
    *("empathy-recipes", "axolotl", "trl", "transformers", "peft", "torch", "datasets"),
    *("accelerate", "bitsandbytes", "deepspeed", "vllm", "numpy"),
)
SECRET = re.compile(r"(^|_)(token|key|apikey|password|passwd|secret|credentials?)$", re.IGNORECASE)
TOKENS = re.compile(r"^(bos|eos|pad|unk|mask|sep|cls)_token$")
"""Keys that end like a secret and name a token of the vocabulary."""

LOGIN = re.compile(r"(?<=://)[^/@\s]+@")
DATA_SUFFIXES = (".jsonl", ".json", ".csv", ".parquet", ".arrow")
BLOCK = 1 << 20


def run_line(
    recipe: Mapping[str, Any],
    *,
    step: int,
    weights: Mapping[str, float],
    prompts: Prompts,
    every_steps: int,
    world_size: int,
) -> dict[str, Any]:
    """The line that begins a run's record.

    Args:
        recipe: The recipe as the user wrote it.
        step: The step it starts at, above 0 where it is resumed.
        weights: Reward to its weight in the total.
        prompts: What is measured.
        every_steps: How often.
        world_size: Number of processes.

    Returns:
        Plain JSON types. Values of keys that look like secrets are left out, as are names and
        passwords in addresses.
    """
    return {
        "version": VERSION,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "step": step,
        "base_model": recipe.get("base_model"),
        "adapter": recipe.get("adapter"),
        "method": str(recipe.get("rl") or "sft").lower(),
        "seed": recipe.get("seed"),
        "recipe": without_secrets(recipe),
        "rewards": dict(weights),
        "prompts": {"path": prompts.path, "sha256": prompts.sha256, "n": len(prompts.rows)},
        "data": list(data_files(recipe)),
        "versions": versions(),
        "world_size": world_size,
        "every_steps": every_steps,
    }


def without_secrets(value: Any) -> Any:
    """A recipe that may be shown.

    Args:
        value: Mappings and lists, nested.

    Returns:
        A copy in plain JSON types.

    Example:
        >>> without_secrets({"hub_token": "x", "url": "https://me:pw@host/v1", "max_steps": 3})
        {'url': 'https://host/v1', 'max_steps': 3}
    """
    if isinstance(value, Mapping):
        return {
            str(key): without_secrets(item)
            for key, item in value.items()
            if not SECRET.search(str(key)) or TOKENS.match(str(key))
        }
    if isinstance(value, (list, tuple)):
        return [without_secrets(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return LOGIN.sub("", str(value))


def data_files(recipe: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The local files that a recipe trains on.

    Args:
        recipe: The recipe.

    Yields:
        ``path``, ``sha256`` and, for files of lines, ``rows``.
    """
    for entry in recipe.get("datasets") or ():
        for path in _named(entry) if isinstance(entry, Mapping) else ():
            files = [path] if path.is_file() else sorted(_inside(path)) if path.name else []
            for file in files:
                yield _file(file)


def versions() -> dict[str, str]:
    """The installed packages that decide what a run does, with their versions."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _named(entry: Mapping[str, Any]) -> list[Path]:
    """Paths that an entry of ``datasets`` names; with ``data_files`` its path is only a format."""
    named = entry.get("data_files") or entry.get("path") or ""
    return [Path(str(one)) for one in (named if isinstance(named, list) else [named])]


def _inside(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place) / name for name in names if name.endswith(DATA_SUFFIXES))


def _file(path: Path) -> dict[str, Any]:
    digest, lines, last = hashlib.sha256(), 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            lines, last = lines + block.count(b"\n"), block[-1:]
    found: dict[str, Any] = {"path": str(path), "sha256": digest.hexdigest()}
    if path.suffix == ".jsonl":
        found["rows"] = lines + (last != b"\n")
    return found
