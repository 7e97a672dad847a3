"""The base model's weights, and a reference model's.

Axolotl loads the layers' matrices at 4 or 8 bits where the recipe says so. NF4 takes half a byte a
weight; each block of 64 weights has a scale, one byte when the scales are quantized in turn (with a
float32 scale for each 256 of them), four bytes when not. 8-bit weights have a float32 scale a row.
Embedding, output head, norms and biases are never quantized.

Full fine-tuning outside of FSDP leaves embedding, output head and norms in float32: Axolotl casts
them up and casts them back only for an adapter or for flash attention.
"""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.memory.part import Part
from emp_plugins.check.memory.run import Run

REFERENCE = ("dpo", "ipo", "kto")
"""Methods that keep a frozen copy of a model whose weights are all trained."""


def parts(run: Run, shape: Shape, reference: bool) -> Iterator[Part]:
    """What the weights take.

    Args:
        run: The settings.
        shape: The model's sizes.
        reference: Whether a reference model is asked for; with an adapter it is the base itself.

    Yields:
        The weights, a reference model, and the layer that is gathered from all GPUs.
    """
    matrix = matrix_bytes(run.bits, run.double_quant, run.precision)
    ends = ends_precision(run)
    rest = shape.parameters - shape.linear
    whole = shape.linear * matrix + rest * ends
    share = run.share("weights")
    split = f" x {share:.3g} on each GPU" if share != 1 else ""
    formula = f"{shape.linear:,} in layers x {matrix:.4g} bytes + {rest:,} others x {ends}"
    yield Part("weights", whole * share, formula + split)
    if reference and not run.adapter:
        yield Part("reference model", whole * share, "a frozen copy of all weights" + split)
    if share != 1:
        layer = 2 * shape.linear / shape.layers * matrix
        yield Part("gathered layers", layer, "two layers whole on each GPU at a time", "training")
    if run.deepspeed and run.generations and not run.server:
        rest = whole * (1 - share)
        yield Part("gathered weights", rest, "all weights while a GPU generates", "generation")


def matrix_bytes(bits: int | None, double_quant: bool, precision: int) -> float:
    """Bytes that one weight of a layer takes, its share of the scales included.

    Args:
        bits: 4, 8 or None for weights that are not quantized.
        double_quant: Whether the 4-bit scales are quantized too.
        precision: Bytes of a weight that is not quantized.

    Returns:
        The bytes.

    Example:
        >>> matrix_bytes(4, True, 2), matrix_bytes(4, False, 2), matrix_bytes(None, False, 2)
        (0.515869140625, 0.5625, 2)
    """
    if bits == 4:
        return 0.5 + (1 / 64 + 4 / (64 * 256) if double_quant else 4 / 64)
    return 1 if bits == 8 else precision


def ends_precision(run: Run) -> int:
    """Bytes of a weight of the embedding, the output head and the norms.

    Args:
        run: The settings.

    Returns:
        2 or 4.
    """
    split = run.stage == 3 and not run.deepspeed
    return run.precision if run.adapter or run.flash or split else 4
