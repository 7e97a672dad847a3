"""TRL's trainer for a plan; which library made the model does not matter here."""

from __future__ import annotations

import importlib
from typing import Any

from emp_plugins.errors import InputError
from emp_tooling.train.unsloth.datasets import prepare
from emp_tooling.train.unsloth.mapping import Plan
from emp_tooling.train.unsloth.rewards import rewards

TRAINERS = {
    "sft": ("trl", "SFT"),
    "dpo": ("trl", "DPO"),
    "kto": ("trl", "KTO"),
    "orpo": ("trl.experimental.orpo", "ORPO"),  # TRL 1 moved it out of its front door
    "grpo": ("trl", "GRPO"),
}
"""Method to the module that holds its trainer and its config class, and how their names begin."""


def build_trainer(plan: Plan, model: Any, tokenizer: Any) -> Any:
    """Prepares the data and the rewards of a plan and gives them to TRL.

    Args:
        plan: The plan of a recipe.
        model: The model to train, with its adapter.
        tokenizer: Its tokenizer.

    Returns:
        The trainer, ready to train.

    Raises:
        InputError: Data, rewards or an argument are wrong.
    """
    options: dict[str, Any] = {}
    arguments: dict[str, Any] = {}
    if plan.method == "grpo":
        options["reward_funcs"], arguments["reward_weights"] = rewards(plan.recipe)
        if not options["reward_funcs"]:
            raise InputError("rl: grpo needs rewards: write empathy.rewards or trl.reward_funcs")
    train, evaluation = prepare(plan, tokenizer)
    _, trainer_class = _classes(plan.method)
    return trainer_class(
        model=model,
        args=config(plan, len(train), **arguments),
        train_dataset=train,
        eval_dataset=evaluation,
        processing_class=tokenizer,
        **options,
    )


def config(plan: Plan, rows: int, **arguments: Any) -> Any:
    """The instance of TRL's config class for a plan.

    Args:
        plan: The plan of a recipe.
        rows: Number of training rows.
        **arguments: More arguments of the class.

    Returns:
        ``SFTConfig``, ``DPOConfig``, ``KTOConfig``, ``ORPOConfig`` or ``GRPOConfig``.

    Raises:
        InputError: TRL refuses a value; says which.
    """
    config_class, _ = _classes(plan.method)
    given = {**plan.trainer, **plan.schedule.arguments(rows), **_precision(plan), **arguments}
    try:
        return config_class(**given)
    except (TypeError, ValueError) as error:
        raise InputError(f"{config_class.__name__}: {' '.join(str(error).split())}") from None


def _classes(method: str) -> tuple[Any, Any]:
    module, name = TRAINERS[method]
    home = importlib.import_module(module)
    return getattr(home, f"{name}Config"), getattr(home, f"{name}Trainer")


def _precision(plan: Plan) -> dict[str, bool]:
    """Number formats, where the recipe leaves them open by what the GPU can."""
    import torch

    gpu = torch.cuda.is_available()
    half, tf32 = plan.precision.half, plan.precision.tf32
    if half is None:
        half = "bfloat16" if not gpu or torch.cuda.is_bf16_supported() else "float16"
    if tf32 is None:
        tf32 = gpu and torch.cuda.get_device_capability()[0] >= 8
    return {"bf16": half == "bfloat16", "fp16": half == "float16", "tf32": tf32}
