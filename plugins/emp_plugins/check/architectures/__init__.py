"""What the base models are made of, known without the network.

Each base model that recipes are likely to name has one small JSON file here, ``/`` in its name
written as ``--``: the facts of its ``config.json`` under the keys that transformers' configuration
classes read. Gated models cannot be read offline, so ``emp check`` looks here. One more model is
one more file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError

FOLDER = Path(__file__).parent
MIRROR = "unsloth/"
PREQUANTIZED = re.compile(r"-(unsloth-)?bnb-4bit$")
NF4 = {
    "quant_method": "bitsandbytes",
    "load_in_4bit": True,
    "bnb_4bit_quant_type": "nf4",
    "bnb_4bit_use_double_quant": True,
}
"""How Unsloth's ``-bnb-4bit`` checkpoints are quantized."""


def names() -> list[str]:
    """The base models whose architecture ships with the package.

    Returns:
        Names on the hub, sorted.
    """
    return sorted(path.stem.replace("--", "/") for path in FOLDER.glob("*.json"))


def find(base_model: str) -> dict[str, Any] | None:
    """The architecture of a base model.

    A folder's own ``config.json`` counts first. Copies by Unsloth are the models they mirror, and
    their ``-bnb-4bit`` checkpoints are marked as quantized.

    Args:
        base_model: A name on the hub or a folder.

    Returns:
        Keys and values of its ``config.json``, or None where it is not known here.

    Raises:
        InputError: The folder's ``config.json`` is no JSON object.

    Example:
        >>> find("Qwen/Qwen2.5-7B-Instruct")["num_hidden_layers"]
        28
        >>> find("unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit")["quantization_config"] == NF4
        True
        >>> find("org/unknown") is None
        True
    """
    local = Path(base_model) / "config.json"
    if os.path.isfile(local):  # unlike Path's it takes a name that is too long for a no
        return _local(local)
    if base_model in names():
        return dict(_shipped(base_model))
    if not base_model.startswith(MIRROR):
        return None
    original = _mirrored(PREQUANTIZED.sub("", base_model))
    if original is None:
        return None
    quantized = {"quantization_config": NF4} if PREQUANTIZED.search(base_model) else {}
    return {**_shipped(original), **quantized}


@cache
def _shipped(name: str) -> Mapping[str, Any]:
    text = (FOLDER / f"{name.replace('/', '--')}.json").read_text(encoding="utf-8")
    return json.loads(text)


def _local(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from None
    if not isinstance(config, dict):
        raise InputError(f"{path}: expected an object, got {type(config).__name__}")
    return config


def _mirrored(mirror: str) -> str | None:
    """The shipped model that a mirror copies; Unsloth drops the owner and changes case."""
    wanted = _bare(mirror)
    return next((name for name in names() if _bare(name) == wanted), None)


def _bare(name: str) -> str:
    return name.split("/")[-1].lower().removeprefix("meta-")
