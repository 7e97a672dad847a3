"""Axolotl's hooks, and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from axolotl.integrations.base import BasePlugin

from emp_plugins.check.gate import model_only, refuse_faults
from emp_plugins.check.prepared import pin_prepared_path
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.wassa import check_wassa
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.registration import configured_rewards, fill_trl
from emp_plugins.resume import pin_checkpoint
from emp_plugins.reward_funcs import PLUGIN_NAMES


class EmpathyPlugin(BasePlugin):
    """Fills ``trl.reward_funcs`` from the ``empathy:`` block of a recipe.

    A wrong recipe stops the process with a line for each error and status 1 before any model or
    data set loads: the checks of ``emp check``, but for the slow ones. Commands that only take the
    model from a recipe, such as ``axolotl merge-lora`` and ``vllm-serve``, pass.

    Attributes:
        rewards: Name to configured reward, of the recipe registered last.
        recipe: That recipe as the user wrote it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.recipe: dict[str, Any] = {}
        self.rewards: dict[str, Any] = {}

    def get_input_args(self) -> str:
        """The key that this plugin adds to Axolotl's schema."""
        return "emp_plugins.plugin_args.EmpathyArgs"

    def register(self, cfg: Any) -> None:
        """Checks the recipe and names its rewards for TRL."""
        if not set(PLUGIN_NAMES) & set(cfg.get("plugins") or []):
            return  # Axolotl registers every plugin it ever loaded, also for a later recipe
        if model_only(cfg):
            return
        with _one_line():
            refuse_faults(cfg)
            self.recipe = dict(Recipe.from_config(cfg).data)
            pin_prepared_path(cfg)
            pin_checkpoint(cfg)
            if cfg.get("empathy") is not None:
                self.rewards = configured_rewards(cfg)
                fill_trl(cfg, self.rewards)

    def load_datasets(self, cfg: Any, preprocess: bool = False) -> None:
        """Says plainly when a private data set cannot be read, and frees CPU ranks of a device map.

        Axolotl forces ``device_map`` on a process of several on CPU, where accelerate refuses it;
        this is the last hook before that value is used.
        """
        with _one_line():
            check_wassa(cfg)
        if cfg.device == "cpu":
            cfg.device_map = None

    def add_callbacks_post_trainer(self, cfg: Any, trainer: Any) -> list[Any]:
        """Lets a resumed run go on with its trained adapter, and watches the run if asked to."""
        from emp_plugins.callbacks import RestoreAdapter

        callbacks: list[Any] = [RestoreAdapter(lambda: cfg.resume_from_checkpoint)]
        config = EmpathyConfig.from_recipe(self.recipe) if cfg.get("empathy") else None
        if config is not None and config.monitor is not None:
            from emp_plugins.monitor.callback import Monitor

            with _one_line():
                callbacks.append(Monitor(trainer, config, self.recipe, self.rewards))
        return callbacks


@contextlib.contextmanager
def _one_line() -> Iterator[None]:
    """Turns an InputError into a message and exit instead of Axolotl's stacked tracebacks."""
    try:
        yield
    except InputError as error:
        raise SystemExit(f"Error: {error}") from None
