"""The model of a plan, loaded by Unsloth."""

from __future__ import annotations

import importlib.util
import os
from typing import Any

from emp_plugins.errors import InputError
from emp_tooling.train.unsloth.mapping import Plan

STATISTICS = "UNSLOTH_DISABLE_STATISTICS"
LONGEST = 300
"""Characters of Unsloth's own words that are shown."""


def require_unsloth() -> None:
    """Checks that Unsloth can train here.

    Raises:
        InputError: It is not installed, this machine has no CUDA GPU, or several processes train.
    """
    if importlib.util.find_spec("unsloth") is None:
        raise InputError("unsloth is not installed: pip install 'empathy-recipes[unsloth]'")
    import torch

    if not torch.cuda.is_available():
        raise InputError(
            "--engine unsloth needs a CUDA GPU, and torch sees none here; without --engine the "
            "recipe trains on this machine by Axolotl"
        )
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise InputError("--engine unsloth trains in one process; for several leave it out")


def load(plan: Plan) -> tuple[Any, Any]:
    """Loads the model with its new adapter, and the tokenizer.

    Unsloth is imported first, since it changes transformers, peft and TRL as they are imported.

    Args:
        plan: The plan of a recipe.

    Returns:
        Model and tokenizer.

    Raises:
        InputError: The model cannot be loaded, or cannot take the adapter.
    """
    os.environ.setdefault(STATISTICS, "1")  # else it reports each load
    from unsloth import FastLanguageModel

    try:
        model, tokenizer = FastLanguageModel.from_pretrained(
            dtype=plan.precision.half, **plan.model
        )
        if plan.adapter is not None:
            model = FastLanguageModel.get_peft_model(model, **plan.adapter)
    # A model that is not there is a RuntimeError to Unsloth, an adapter it cannot do a TypeError.
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        name = plan.model["model_name"]
        raise InputError(f"base_model: {name}: cannot be loaded: {reason[:LONGEST]}") from error
    if plan.chat_template is not None:
        tokenizer.chat_template = plan.chat_template
    return model, tokenizer
