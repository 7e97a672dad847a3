"""What is trained: adapter or all weights, with gradients and optimizer states.

A LoRA pair of rank r on a matrix of I inputs and O outputs has r * (I + O) parameters. PEFT keeps
them in float32; TRL's trainers (DPO, KTO, GRPO) cast them to bfloat16 on a quantized base.
Gradients have the type of what they belong to. Where beta is above 0, TRL's GRPO trainer keeps a
frozen copy of the fresh adapter as its reference, in float32.

The AdamW of torch keeps two states of the parameter's own type, the 8-bit optimizers of
bitsandbytes one byte a state and a float32 scale for each 256, its 32-bit ones four bytes. Paged
states are counted in full: they leave the GPU only when it runs out. DeepSpeed keeps a float32 copy
of what it trains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.architectures.targets import adapted, matching, modules, texts
from emp_plugins.check.memory.part import Part
from emp_plugins.check.memory.run import PAIRED, ROLLOUT, Run, integer
from emp_plugins.check.recipe import Recipe

CAST = tuple(name for name in (*PAIRED, *ROLLOUT, "kto") if name != "orpo")
"""Methods whose trainer casts the adapter of a quantized model to bfloat16."""

BLOCK = 256
"""Parameters that share a scale in an 8-bit optimizer state."""

STATES = (
    (re.compile(r"sgd|lomo"), 0),
    (re.compile(r"adafactor|came|sinkgd"), 0),  # a row and a column for a whole matrix
    (re.compile(r"lion|muon|dion|rmsprop|adagrad"), 1),
    (re.compile(r"ademamix"), 3),
)
"""Optimizer name to number of states; two where none matches, as for every Adam."""

BNB = re.compile(r"paged|bnb|ademamix|lion_")


def parts(run: Run, recipe: Recipe, shape: Shape) -> Iterator[Part]:
    """What training adds to the weights.

    Args:
        run: The settings.
        recipe: The recipe.
        shape: The model's sizes.

    Yields:
        The adapter (and its frozen copy), the gradients, the optimizer states.
    """
    count = trainable(recipe, shape)
    size = trained_precision(run)
    if run.adapter:
        share = run.share("weights")
        yield Part("adapter", count * size * share, f"{count:,} parameters x {size} bytes")
        if run.kl:
            formula = f"{count:,} frozen parameters x 4 bytes for the KL term"
            yield Part("reference adapter", count * 4 * share, formula)
    share = run.share("gradients")
    yield Part("gradients", count * size * share, f"{count:,} trained x {size} bytes")
    each, words = state_bytes(run, size)
    share = run.share("optimizer")
    yield Part("optimizer", count * each * share, f"{count:,} trained x {each:.4g} bytes ({words})")


def trainable(recipe: Recipe, shape: Shape) -> int:
    """Parameters that are trained.

    Args:
        recipe: The recipe.
        shape: The model's sizes.

    Returns:
        The number; 0 where the adapter matches nothing.
    """
    if not recipe.get("adapter"):
        return shape.parameters
    try:
        return _adapter(recipe, shape)
    except re.error:  # the check of the targets says so
        return 0


def _adapter(recipe: Recipe, shape: Shape) -> int:
    sizes, chosen = modules(shape), adapted(recipe, shape)
    rank, dora = integer(recipe, "lora_r"), bool(recipe.get("peft_use_dora"))
    pairs = sum(_rank(recipe, name, rank) * sum(sizes[name]) for name in chosen)
    magnitudes = sum(sizes[name][1] for name in chosen) if dora else 0
    wanted = texts(recipe.get("lora_modules_to_save"))
    saved = {name for one in wanted for name in matching(one, sizes)}
    return pairs + magnitudes + sum(sizes[name][0] * sizes[name][1] for name in saved)


def trained_precision(run: Run) -> int:
    """Bytes of a trained parameter.

    Args:
        run: The settings.

    Returns:
        2 or 4.
    """
    if not run.adapter:
        return run.precision
    zero3 = run.deepspeed and run.stage == 3 and run.method in CAST
    return 2 if zero3 or (run.bits and run.method in CAST) else 4


def state_bytes(run: Run, size: int) -> tuple[float, str]:
    """Bytes of optimizer state for one trained parameter.

    Args:
        run: The settings.
        size: Bytes of the parameter.

    Returns:
        The bytes, and the reason in words.
    """
    states = next((count for name, count in STATES if name.search(run.optimizer)), 2)
    each: float = size
    if "8bit" in run.optimizer:
        each = 1 + 4 / BLOCK
    elif "4bit" in run.optimizer:
        each = 0.5 + 4 / 128
    elif BNB.search(run.optimizer):
        each = 4
    words = f"{states} states of {run.optimizer}"
    if run.deepspeed:
        return states * each + 4, f"{words} and a float32 copy"
    return states * each, words


def _rank(recipe: Recipe, name: str, rank: int) -> int:
    """The rank of one module; ``lora_rank_pattern`` may set its own."""
    pattern = recipe.get("lora_rank_pattern")
    for key, own in (pattern if isinstance(pattern, dict) else {}).items():
        if isinstance(own, int) and re.match(rf"(.*\.)?({key})$", name):
            return own
    return rank
