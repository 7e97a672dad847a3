"""A training run by Unsloth, from the recipe to the saved adapter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from emp_plugins.check.recipe import Recipe
from emp_plugins.resume import checkpoints, is_whole
from emp_tooling.train.unsloth.loading import load, require_unsloth
from emp_tooling.train.unsloth.mapping import Plan, plan

GIB = 2**30


def train(recipe: Recipe) -> str:
    """Trains what a recipe describes.

    Args:
        recipe: A recipe without errors.

    Returns:
        One line that says where the result is, and what a step took.

    Raises:
        InputError: The engine cannot do what the recipe says, or cannot run here.
    """
    found = plan(recipe.data)
    require_unsloth()
    os.environ.update(found.environment)
    model, tokenizer = load(found)
    from emp_tooling.train.unsloth.trainers import build_trainer

    return execute(found, build_trainer(found, model, tokenizer))


def execute(found: Plan, trainer: Any) -> str:
    """Trains, and saves the adapter or the model with its tokenizer.

    Args:
        found: The plan of a recipe.
        trainer: What ``build_trainer`` made of it.

    Returns:
        One line that says where the result is, and what a step took.
    """
    import torch

    from emp_plugins.callbacks import RestoreAdapter

    folder = found.trainer["output_dir"]
    checkpoint = _checkpoint(found, folder)
    trainer.add_callback(RestoreAdapter(lambda: checkpoint))
    result = trainer.train(resume_from_checkpoint=checkpoint)
    trainer.save_model(folder)
    steps = max(trainer.state.global_step, 1)
    line = f"{folder}: {steps} steps, {result.metrics['train_runtime'] / steps:.2f} s a step"
    if torch.cuda.is_available():
        line += f", {torch.cuda.max_memory_reserved() / GIB:.1f} GiB of GPU memory at most"
    return line


def _checkpoint(found: Plan, folder: str) -> str | None:
    """The checkpoint to go on from: the one that is named, or the latest that is whole."""
    if isinstance(found.resume, str):
        return found.resume
    if not found.resume:
        return None
    whole = [path for path in checkpoints(Path(folder)) if is_whole(path)]
    return str(whole[-1]) if whole else None
