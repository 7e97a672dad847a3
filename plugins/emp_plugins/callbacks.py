"""Trainer callbacks that Axolotl adds for the plugin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from emp_plugins.resume import restore_adapter


class RestoreAdapter(TrainerCallback):
    """Loads the trained adapter when a run resumes, before its first step.

    Attributes:
        checkpoint: Gives the folder that the run resumes from, or nothing for a fresh run; asked
            late, since Axolotl knows it only after the trainer is made.
    """

    def __init__(self, checkpoint: Callable[[], Any]) -> None:
        self.checkpoint = checkpoint

    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any
    ) -> None:
        """Restores the adapter of a resumed run."""
        sharded = args.deepspeed or args.fsdp  # these load every parameter themselves
        folder = self.checkpoint()
        if folder and not sharded:
            restore_adapter(model, Path(folder))
