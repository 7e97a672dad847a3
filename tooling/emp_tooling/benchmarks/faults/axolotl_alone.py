"""Axolotl's own validation of a recipe, without the checks that our plugin adds."""

from __future__ import annotations

import contextlib
import io
import logging
import os
from pathlib import Path

from emp_plugins.check.deep.validation import GPU


def refusal(file: Path) -> str | None:
    """What Axolotl's validation says against a recipe.

    Args:
        file: The recipe.

    Returns:
        Its error as text, or None where it accepts the recipe.
    """
    os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            _validate(file)
    except Exception as error:  # whatever it raises is its answer
        return f"{type(error).__name__}: {error}"
    finally:
        logging.disable(logging.NOTSET)
    return None


def _validate(file: Path) -> None:
    import torch
    import yaml
    from axolotl.integrations.base import PluginManager
    from axolotl.utils.config import validate_config
    from axolotl.utils.dict import DictDefault

    with file.open(encoding="utf-8") as text:
        cfg = DictDefault(yaml.safe_load(text))
    manager = PluginManager.get_instance()
    manager.plugins.clear()
    for name in cfg.plugins or []:
        manager.register(name)
    version = str(torch.__version__).split("+")[0]
    # As on one H100, so that a recipe for a GPU is validated on any machine.
    validate_config(
        cfg, capabilities={**GPU, "n_gpu": 1}, env_capabilities={"torch_version": version}
    )
