"""How long a run trains, and when it warms up, logs, saves and evaluates: as Axolotl counts it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Schedule:
    """What a recipe says about steps.

    Attributes:
        method: One of ``tables.METHODS``.
        batch: Rows that one step trains on.
        epochs: Passes over the rows where ``max_steps`` says nothing.
        max_steps: Steps, or None.
        warmup_steps: Steps, or None.
        warmup_ratio: Share of the steps, or None.
        logging_steps: Steps between two lines of the log, or None.
    """

    method: str
    batch: int
    epochs: float = 1.0
    max_steps: int | None = None
    warmup_steps: int | None = None
    warmup_ratio: float | None = None
    logging_steps: int | None = None

    @classmethod
    def of(cls, recipe: Mapping[str, Any], method: str) -> Schedule:
        """Reads the schedule of a recipe."""
        batch = recipe.get("micro_batch_size", 1) * recipe.get("gradient_accumulation_steps", 1)
        names = ("max_steps", "warmup_steps", "warmup_ratio", "logging_steps")
        given = {name: recipe[name] for name in names if name in recipe}
        return cls(method, int(batch), float(recipe.get("num_epochs", 1.0)), **given)

    def arguments(self, rows: int) -> dict[str, Any]:
        """The trainer's arguments for a data set of this size.

        Args:
            rows: Number of training rows, at least 1.

        Returns:
            Arguments of ``TrainingArguments``.

        Example:
            >>> found = Schedule("dpo", batch=8, max_steps=100, warmup_ratio=0.1).arguments(1600)
            >>> found["max_steps"], found["warmup_steps"], found["logging_steps"]
            (100, 20, 1)
        """
        counted = self._counted(rows)
        return {
            "max_steps": self.max_steps or counted or -1,
            "num_train_epochs": self.epochs,
            "warmup_steps": self._warmup(counted),
            "logging_steps": self.logging_steps or _log_every(counted),
        }

    def _counted(self, rows: int) -> int | None:
        """Steps as Axolotl counts them: for GRPO not at all, for the others from the epochs."""
        if self.method == "grpo":
            return None
        steps = math.ceil(rows * self.epochs / self.batch)
        # For preferences Axolotl forgets max_steps here, so warmup_ratio is a share of the epochs.
        return min(steps, self.max_steps or steps) if self.method == "sft" else steps

    def _warmup(self, counted: int | None) -> int | float:
        if self.warmup_steps is not None:
            steps: int | float = self.warmup_steps
        elif counted is None:
            steps = 0.03 if self.warmup_ratio is None else self.warmup_ratio
        elif self.warmup_ratio is not None:
            steps = max(int(self.warmup_ratio * counted), 0)
        else:
            steps = min(int(0.03 * counted), 100)
        return 2 if steps == 1 else steps


def saving(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """When checkpoints are written.

    Example:
        >>> saving({"saves_per_epoch": 4, "num_epochs": 2})
        {'save_strategy': 'steps', 'save_steps': 0.125}
    """
    steps = _per_epoch(recipe, "saves_per_epoch") or recipe.get("save_steps")
    if steps:
        return {"save_strategy": "steps", "save_steps": steps}
    return {"save_strategy": recipe.get("save_strategy", "epoch")}


def evaluating(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """When the held-out rows are scored; never where there are none.

    Example:
        >>> evaluating({"eval_steps": 50, "val_set_size": 0.1})
        {'eval_strategy': 'steps', 'eval_steps': 50, 'eval_on_start': True}
    """
    if not (recipe.get("test_datasets") or recipe.get("val_set_size")):
        return {"eval_strategy": "no"}
    steps = _per_epoch(recipe, "evals_per_epoch") or recipe.get("eval_steps")
    if steps:
        return {"eval_strategy": "steps", "eval_steps": steps, "eval_on_start": True}
    if recipe.get("eval_strategy"):
        return {"eval_strategy": recipe["eval_strategy"], "eval_on_start": True}
    return {"eval_strategy": "no"}


def _per_epoch(recipe: Mapping[str, Any], key: str) -> float | None:
    """Times an epoch as a share of all steps; None where that would be every step or none."""
    if not recipe.get(key):
        return None
    share = 1.0 / (recipe[key] * float(recipe.get("num_epochs", 1.0)))
    return share if share < 1.0 else None


def _log_every(counted: int | None) -> int:
    return 500 if not counted else max(min(int(0.005 * counted), 10), 1)
