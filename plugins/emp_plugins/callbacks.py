"""Trainer callbacks that Axolotl adds for the plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from emp_plugins.resume import restore_adapter


class RestoreAdapter(TrainerCallback):
    """Loads the trained adapter when a run resumes, before its first step.

    Attributes:
        cfg: Axolotl's configuration; the checkpoint is known only after the trainer is made.
    """

    def __init__(self, cfg: Any) -> None:
        self.cfg = cfg

    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any
    ) -> None:
        """Restores the adapter of a resumed run."""
        sharded = args.deepspeed or args.fsdp  # these load every parameter themselves
        if self.cfg.resume_from_checkpoint and not sharded:
            restore_adapter(model, Path(self.cfg.resume_from_checkpoint))
