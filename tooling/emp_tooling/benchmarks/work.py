"""How much arithmetic a model needs, and how fast this machine does it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any


def flops(config: Any, lengths: Sequence[int]) -> float:
    """Floating-point operations of the matrix products of one pass over texts, without padding.

    A multiplication and an addition count as two. A token costs 2 per weight of its layers
    (4 H^2 for attention, 2 H I for the inner layer); attention adds 4 L^2 H a layer and text, and
    the head 2 (H^2 + H K) a text.

    Args:
        config: A BERT-like configuration.
        lengths: Tokens of each text, L.

    Returns:
        The number.

    Example:
        >>> from types import SimpleNamespace
        >>> config = SimpleNamespace(
        ...     hidden_size=2, intermediate_size=8, num_hidden_layers=1, num_labels=1
        ... )
        >>> flops(config, [3])  # 2 * 48 * 3 + 4 * 9 * 2 + 2 * 6
        372.0
    """
    width, inner = config.hidden_size, config.intermediate_size
    layers = config.num_hidden_layers
    weights = layers * (4 * width * width + 2 * width * inner)
    head = 2 * (width * width + width * config.num_labels)
    return float(
        sum(2 * weights * length + layers * 4 * length**2 * width + head for length in lengths)
    )


def matmul_rates(
    config: Any, dtype: Any, device: Any, tokens: int = 1024, best_of: int = 10
) -> dict[str, float]:
    """Measures how fast this machine multiplies matrices of a model's shapes.

    Args:
        config: A BERT-like configuration.
        dtype: Number format.
        device: Where.
        tokens: Rows of the left matrix.
        best_of: Repetitions; the fastest counts.

    Returns:
        Floating-point operations a second over the three shapes of a layer, weighted as a layer
        uses them: ``torch`` for its own linear layer, ``judges`` for the one that the judges use.
    """
    import torch

    from emp_plugins.judges.hub.onednn import speed_up

    width, inner = config.hidden_size, config.intermediate_size
    shapes = [(width, width, 4), (width, inner, 1), (inner, width, 1)]
    operations = sum(2 * tokens * a * b * count for a, b, count in shapes)
    seconds = {"torch": 0.0, "judges": 0.0}
    for a, b, count in shapes:
        layer = torch.nn.Sequential(torch.nn.Linear(a, b, dtype=dtype, device=device))
        left = torch.randn(tokens, a, dtype=dtype, device=device)
        seconds["torch"] += count * _fastest(layer, left, best_of)
        speed_up(layer)
        seconds["judges"] += count * _fastest(layer, left, best_of)
    return {name: operations / spent for name, spent in seconds.items()}


def _fastest(layer: Any, left: Any, best_of: int) -> float:
    import torch

    seconds = []
    with torch.inference_mode():
        for _ in range(best_of + 1):  # the first one warms up
            start = time.perf_counter()
            layer(left)
            if left.is_cuda:
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - start)
    return min(seconds[1:])
