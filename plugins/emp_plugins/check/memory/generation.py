"""What generating completions takes, which happens before a training step and not during it.

Each sequence keeps a key and a value for each layer, key-value head and token in the model's own
16 or 32 bits. All of a process's generation batch is generated at once. The prompts go through the
layers together first; in each step the logits of the last token are turned to float32, filtered and
sampled from, about five copies in all.

vLLM beside the trainer takes a share u of the whole card C for good (or until it is put to sleep).
What it takes must hold all weights once more in 16 bits and the KV cache, N bytes with a GiB of its
own, and what it leaves must hold the rest R. So C is at least N / u and at least R / (1 - u).
"""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.memory.part import GIB, Part
from emp_plugins.check.memory.run import Run

PREFILL = (8, 8)
"""Measured bytes a token without gradients, for each unit of the residual stream and the MLP."""

SAMPLING = 20
"""Bytes for each entry of the vocabulary and each sequence while a token is drawn."""


def cache_bytes(shape: Shape, tokens: int, precision: int) -> int:
    """Bytes of the keys and values of some tokens.

    Args:
        shape: The model's sizes.
        tokens: Tokens of all sequences together.
        precision: Bytes of a number.

    Returns:
        The bytes.

    Example:
        >>> from emp_plugins.check.architectures import find
        >>> llama = Shape.of(find("meta-llama/Llama-3.1-8B-Instruct"))
        >>> cache_bytes(llama, 1024, 2) / 2**20
        128.0
    """
    return tokens * shape.layers * 2 * shape.kv_heads * shape.head_dim * precision


def parts(run: Run, shape: Shape) -> Iterator[Part]:
    """What generation takes on one GPU.

    Args:
        run: The settings.
        shape: The model's sizes.

    Yields:
        The KV cache and the work beside it; nothing where another program generates.
    """
    if not run.generations or run.server or run.vllm:
        return
    tokens = run.generations * run.length
    formula = (
        f"{run.generations} sequences x {run.length:,} tokens x {shape.layers} layers x 2 x "
        f"{shape.kv_heads} heads x {shape.head_dim} x {run.precision} bytes"
    )
    yield Part("KV cache", cache_bytes(shape, tokens, run.precision), formula, "generation")
    prompt = max(run.length - run.completion, 1)
    scale = run.precision // 2
    each = scale * (PREFILL[0] * shape.hidden + PREFILL[1] * shape.intermediate)
    prefill = run.generations * prompt * each
    sampling = run.generations * shape.vocab * SAMPLING
    formula = f"{run.generations} sequences x {prompt:,} tokens x {each:,} bytes in the prompts"
    yield Part("prompts and sampling", max(prefill, sampling), formula, "generation")


def vllm(run: Run, shape: Shape, rest: float) -> Part:
    """What vLLM takes, and what it leaves unused, on the smallest card that will do.

    Args:
        run: The settings.
        shape: The model's sizes.
        rest: Bytes of all else that is there while vLLM is.

    Returns:
        The card without the rest.
    """
    cache = cache_bytes(shape, run.generations * run.length, 2)
    need = 2 * shape.parameters + cache + GIB
    card = max(need / run.vllm, rest / (1 - run.vllm))
    words = f"a card that holds {need / GIB:.1f} GiB of its own in {run.vllm:.0%}"
    formula = f"{words} and all else in what is left"
    return Part("vLLM", card - rest, formula, "generation" if run.vllm_sleeps else "always")
