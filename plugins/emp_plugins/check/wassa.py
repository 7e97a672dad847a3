"""The WASSA conversations, which the hub may not give to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emp_plugins.errors import InputError

WASSA = "miladsolo/wassa-conv-turn-empathy"


def check_wassa(cfg: Mapping[str, Any]) -> None:
    """Says what to do when the WASSA conversations cannot be read.

    Args:
        cfg: The recipe; only one that names the data set asks the hub.

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
