"""What a training step keeps for its backward pass.

The numbers of bytes below were measured, not derived: a dispatch mode counted every live storage
in a step of a real model on a CPU, with bfloat16 autocast as Accelerate sets it up and with TRL's
own trainers, while one size was varied at a time; tests/plugins/check/test_memory_measured.py
repeats that. The count is exact for plain PyTorch; kernels on a GPU may keep more or less. Not
measured at all: losses that never hold all logits (reckoned with 1,024 tokens at a time), ``simpo``
(taken for ``orpo``), and the bounded logits of Gemma 2.

* A layer keeps, for each token, ``h`` bytes for each unit of width of the residual stream, ``i`` of
  the MLP, ``q`` of the queries and ``k`` of the keys. While its gradients flow back it needs more
  for a moment.
* With gradient checkpointing only the input of each layer stays (2 bytes a unit, 4 in float32), and
  one layer at a time is computed again.
* The logits are the largest tensor: vocabulary x tokens. Accelerate turns them to float32, and the
  loss and its gradient need more copies. They are gone before the layers' own gradients flow.

So the peak is: what stays of all layers + the larger of (logits, one layer). It is reckoned at the
full ``sequence_len``: batches are padded to their longest row only, so shorter data needs less.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.memory.part import Part
from emp_plugins.check.memory.run import PAIRED, ROLLOUT, Run
from emp_plugins.check.memory.trained import trained_precision
from emp_plugins.check.memory.weights import ends_precision
from emp_plugins.check.recipe import Recipe


class Widths(NamedTuple):
    """Bytes a token for each unit of width: residual stream, MLP, queries, keys."""

    h: int
    i: int
    q: int
    k: int


class Kept(NamedTuple):
    """What one layer keeps, what more its backward pass takes, and what its input takes."""

    saved: Widths
    moment: Widths
    input: int


LORA = Kept(Widths(12, 8, 4, 4), Widths(4, 4, 0, 0), 2)
LORA_FLOAT32 = Kept(Widths(18, 8, 6, 4), Widths(12, 6, 0, 0), 2)
FULL = Kept(Widths(16, 8, 4, 4), Widths(4, 4, 0, 0), 2)
FULL_FLOAT32_ENDS = Kept(Widths(26, 8, 4, 4), Widths(4, 4, 0, 0), 4)
FLOAT32_LORA = Kept(Widths(16, 16, 8, 8), Widths(4, 8, 0, 0), 4)
FLOAT32_FULL = Kept(Widths(24, 16, 8, 8), Widths(4, 8, 0, 0), 4)

LOGITS = {
    "sft": 12,
    "dpo": 16,
    "ipo": 16,
    "simpo": 18,
    "orpo": 18,
    "kto": 16,
    "grpo": 16,
    "gdpo": 16,
}
"""Bytes for each entry of the vocabulary and each token whose logits are needed."""

SOFTCAP = {"gemma2": 8}
"""More bytes an entry for models that bound their logits."""

FUSED_LOSS = (
    ("trl", "use_liger_loss"),
    ("dpo_use_liger_kernel",),
    ("liger_fused_linear_cross_entropy",),
    ("cut_cross_entropy",),
)
"""Keys of losses that never hold all logits at once."""


def parts(run: Run, recipe: Recipe, shape: Shape) -> Iterator[Part]:
    """What the activations of one training step take at their peak.

    Args:
        run: The settings.
        recipe: The recipe.
        shape: The model's sizes.

    Yields:
        What stays of all layers, and the larger of the logits and one layer's own.
    """
    kept = coefficients(run)
    tokens = run.tokens
    saved, moment = layer_bytes(run, shape, kept)
    if run.checkpointing:
        each = 0 if run.offloaded_checkpoints else kept.input * shape.hidden
        words = f"{each:,} bytes of input"
        layer = saved + moment
    else:
        each, words, layer = saved, f"{saved:,} bytes", moment
    formula = f"{shape.layers} layers x {tokens:,} tokens x {words}"
    yield Part("activations", shape.layers * tokens * each, formula, "training")
    unpacked = 2 * max(item.weights for item in shape.projections.values()) if run.bits else 0
    one_layer = tokens * layer + unpacked
    logits, words = logit_bytes(run, recipe, shape)
    if logits >= one_layer:
        yield Part("logits", logits, words, "training")
    else:
        formula = f"{tokens:,} tokens x {layer:,} bytes + {unpacked:,} for an unpacked matrix"
        yield Part("one layer", one_layer, formula, "training")


def coefficients(run: Run) -> Kept:
    """The measured bytes for what a recipe trains, and how.

    Args:
        run: The settings.

    Returns:
        The bytes.
    """
    if run.precision == 4 and not run.bits:
        return FLOAT32_LORA if run.adapter else FLOAT32_FULL
    if run.adapter:
        return LORA if trained_precision(run) == 2 else LORA_FLOAT32
    return FULL_FLOAT32_ENDS if ends_precision(run) == 4 else FULL


def layer_bytes(run: Run, shape: Shape, kept: Kept) -> tuple[int, int]:
    """Bytes a token in one layer.

    Args:
        run: The settings.
        shape: The model's sizes.
        kept: The measured bytes.

    Returns:
        What it keeps, and what its backward pass needs besides.
    """
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    if run.sequences > 1 and not run.flash:
        keys = queries  # under a padding mask each query head gets a copy of its keys and values
    widths = (shape.hidden, shape.intermediate, queries, keys)
    saved = sum(each * width for each, width in zip(kept.saved, widths, strict=True))
    return saved, sum(each * width for each, width in zip(kept.moment, widths, strict=True))


def logit_bytes(run: Run, recipe: Recipe, shape: Shape) -> tuple[int, str]:
    """Bytes of the logits with the loss and its gradient.

    Args:
        run: The settings.
        recipe: The recipe.
        shape: The model's sizes.

    Returns:
        The bytes, and the formula.
    """
    each = LOGITS.get(run.method, 12) + SOFTCAP.get(shape.model_type, 0)
    tokens = run.sequences * run.completion
    if any(recipe.get(*key) for key in FUSED_LOSS):
        tokens = run.completion if run.method in (*PAIRED, *ROLLOUT, "kto") else 0
        tokens = min(tokens, 1024)
    formula = f"{tokens:,} tokens x {shape.vocab:,} entries x {each} bytes"
    return tokens * shape.vocab * each, formula
