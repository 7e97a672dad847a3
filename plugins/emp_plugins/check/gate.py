"""The checks as a training run meets them: errors end it before anything loads."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from emp_plugins.check import Finding, check
from emp_plugins.check.files.products import missing_products
from emp_plugins.check.recipe import Recipe
from emp_plugins.errors import InputError

LOG = logging.getLogger(__name__)
NORMALIZED = ("device", "world_size", "local_rank")
"""Keys that Axolotl fills in once a recipe is validated, as a Ray worker gets it."""


def refuse_faults(cfg: Mapping[str, Any]) -> None:
    """Runs the quick checks on Axolotl's raw configuration; warnings are logged.

    Args:
        cfg: The configuration, with the options of the command line. One that Axolotl has
            validated before, or that only merges an adapter or answers prompts, is left alone.

    Raises:
        InputError: Every error, a line each.
    """
    if all(cfg.get(key) is not None for key in NORMALIZED):
        return
    if cfg.get("inference") or cfg.get("merge_lora"):
        return
    recipe = Recipe.from_config(cfg, world_size=int(os.environ.get("WORLD_SIZE", "1")))
    found = check(recipe)
    for finding in found:
        if finding.severity == "warning":
            LOG.warning("%s", finding)
    errors = [finding for finding in found if finding.severity == "error"]
    errors += missing_products(recipe)
    if errors:
        raise InputError("\nError: ".join(str(error) for error in _by_place(errors)))


def _by_place(errors: list[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(errors), key=lambda error: (error.line, error.column, error.key))
