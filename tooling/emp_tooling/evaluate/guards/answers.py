"""What the user sees of a reply, and shares over many replies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from emp_plugins.completion import Template
from emp_plugins.measure import Figure, figure
from emp_tooling.audit.stats import wilson
from emp_tooling.evaluate.measure import without_tags

Column = Sequence[float | None]


def answer_of(reply: str, template: Template) -> str:
    """The part of a reply that the user reads.

    Args:
        reply: What the model wrote.
        template: The shape that was asked for.

    Returns:
        The answer; of a malformed reply everything but the tags.

    Example:
        >>> answer_of("I hear you.", Template())
        'I hear you.'
    """
    answer = template.parse(reply).answer
    return without_tags(reply, template) if answer is None else answer


def share(values: Sequence[float], seed: int = 0) -> Figure:
    """A mean with its 95 % interval.

    Args:
        values: Not empty.
        seed: Seed of the bootstrap.

    Returns:
        The figure. Zeros and ones get Wilson's interval, which does not shrink to a point where
        all are alike; other values get a bootstrap.

    Example:
        >>> round(share([1.0] * 20).low, 2), share([1.0] * 20).high
        (0.84, 1.0)
    """
    if not set(values) <= {0.0, 1.0}:
        return figure(values, seed)
    mean, ends = float(np.mean(values)), wilson(int(sum(values)), len(values))
    low, high = ends or (math.nan, math.nan)
    return Figure(mean, float(np.std(values)), low, high, len(values))


def shares(columns: Mapping[str, Column], seed: int = 0) -> dict[str, Figure]:
    """The figure of each column over the rows that have a number.

    Args:
        columns: Name to numbers, None where a row has none. A name that ends in ``_gap`` is a
            difference of shares and gets a bootstrap in any case.
        seed: Seed of the bootstrap.

    Returns:
        Name to figure, without the columns that no row has.
    """
    present = {name: [v for v in column if v is not None] for name, column in columns.items()}
    return {
        name: (figure if name.endswith("_gap") else share)(values, seed)
        for name, values in present.items()
        if values
    }
