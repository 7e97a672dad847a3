"""The checks as a training run meets them: errors end it before anything loads."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emp_plugins.check import Finding, check
from emp_plugins.check.files.products import missing_products
from emp_plugins.check.recipe import Recipe
from emp_plugins.errors import InputError

LOG = logging.getLogger(__name__)
NORMALIZED = ("device", "world_size", "local_rank")
"""Keys that Axolotl fills in once a recipe is validated, as a Ray worker gets it."""

MODEL_ONLY = ("inference", "merge_lora", "merge_sharded_fsdp_weights", "quantize", "vllm_serve")
"""Axolotl's commands that take nothing but the model from a recipe. They may run on a machine
without its data and its judges."""


def model_only(cfg: Mapping[str, Any], argv: Sequence[str] | None = None) -> bool:
    """Whether Axolotl was started to serve, merge or try a model rather than to train one.

    Args:
        cfg: Axolotl's raw configuration.
        argv: The words that started this process; its own by default. ``axolotl merge-lora`` reads
            the recipe once before it says in ``cfg`` that it merges.

    Returns:
        True for the commands of ``MODEL_ONLY``.

    Example:
        >>> model_only({}, ["/usr/bin/axolotl", "vllm-serve", "a.yml"])
        True
        >>> model_only({}, ["/lib/axolotl/cli/train.py", "a.yml"])
        False
    """
    program, *words = argv or sys.argv or [""]
    path = Path(program)
    command = words[0] if words and path.stem in ("axolotl", "main") else ""
    if path.parts[-3:-1] == ("axolotl", "cli") and path.stem != "main":
        command = path.stem
    started = command.replace("-", "_") in MODEL_ONLY
    return started or bool(cfg.get("inference") or cfg.get("merge_lora"))


def refuse_faults(cfg: Mapping[str, Any]) -> None:
    """Runs the quick checks on Axolotl's raw configuration; the first process logs warnings.

    Args:
        cfg: The configuration, with the options of the command line. One that Axolotl has
            validated before is left alone.

    Raises:
        InputError: Every error, a line each.
    """
    if all(cfg.get(key) is not None for key in NORMALIZED):
        return
    recipe = Recipe.from_config(cfg, world_size=int(os.environ.get("WORLD_SIZE", "1")))
    found = check(recipe)
    for finding in found:
        if finding.severity == "warning" and os.environ.get("RANK", "0") == "0":
            LOG.warning("%s", finding)
    errors = [finding for finding in found if finding.severity == "error"]
    errors += missing_products(recipe)
    if errors:
        raise InputError("\nError: ".join(str(error) for error in _by_place(errors)))


def _by_place(errors: list[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(errors), key=lambda error: (error.line, error.column, error.key))
