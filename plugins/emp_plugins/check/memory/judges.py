"""Reward judges that run on the same GPU.

The embedded judges are numpy and take nothing. A checkpoint is loaded in float16 on a GPU unless
the recipe says otherwise, and scores up to 16,384 padded tokens in a pass.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emp_plugins.check.memory.part import Part
from emp_plugins.check.memory.run import ROLLOUT, Run
from emp_plugins.check.recipe import Recipe

PARAMETERS = {
    "SamLowe/roberta-base-go_emotions": 124_700_000,
    "cardiffnlp/twitter-roberta-base-sentiment-latest": 124_600_000,
    "cross-encoder/stsb-roberta-base": 124_600_000,
    "cross-encoder/stsb-roberta-large": 355_400_000,
    "miladsolo/roberta-lora-wassa-empathy": 125_200_000,
    "nlp4good/psych-search": 109_900_000,
}
"""Published sizes of the checkpoints that our documentation names."""

UNKNOWN = 355_400_000
"""What another checkpoint is taken for: a large RoBERTa."""

LARGE = 200_000_000
"""Above this a model is taken for a large one, 1,024 wide, below for a base one, 768 wide."""

TOKENS = 16_384
COPIES = 12
"""Tensors as wide as the residual stream in one layer at a time; its MLP has four of them."""

FLOATS = {"float32": 4, "bfloat16": 2, "float16": 2, "auto": 2}


def parts(run: Run, recipe: Recipe) -> Iterator[Part]:
    """What the judges take on one GPU.

    Args:
        run: The settings.
        recipe: The recipe.

    Yields:
        The judges' weights, and the widest pass of one of them.
    """
    blocks = recipe.get("empathy", "judges")
    if run.method not in ROLLOUT or not isinstance(blocks, Mapping):
        return
    local = [block for block in blocks.values() if _on_gpu(block)]
    if not local:
        return
    named = ", ".join(str(block.get("model")) for block in local)
    weights = sum(_parameters(block) * _float(block) for block in local)
    yield Part("judges", weights, f"weights of {named}")
    formula = f"the widest pass of a judge: tokens x {COPIES} x width"
    yield Part("scoring", max(map(_pass, local)), formula, "scoring")


def _on_gpu(block: Any) -> bool:
    return (
        isinstance(block, Mapping)
        and block.get("backend") in ("hf", "cross_encoder")
        and block.get("device") != "cpu"
    )


def _parameters(block: Mapping[str, Any]) -> int:
    """Published size, or the files' size where the checkpoint is a folder."""
    name = str(block.get("model"))
    files = [*Path(name).glob("*.safetensors")] if os.path.isdir(name) else []
    if files:
        return sum(file.stat().st_size for file in files) // 4
    return PARAMETERS.get(name, UNKNOWN)


def _float(block: Mapping[str, Any]) -> int:
    return FLOATS.get(str(block.get("dtype")), 2)


def _tokens(block: Mapping[str, Any]) -> int:
    value = block.get("tokens_per_batch")
    return value if isinstance(value, int) and value > 0 else TOKENS


def _pass(block: Mapping[str, Any]) -> int:
    width = 1024 if _parameters(block) > LARGE else 768
    return _tokens(block) * width * COPIES * _float(block)
