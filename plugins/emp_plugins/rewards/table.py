"""What TRL's table of completions shows of each reply beside the rewards."""

from __future__ import annotations

from typing import Any

from emp_plugins.affect import hourglass
from emp_plugins.rewards import safety
from emp_plugins.rewards.batch import Batch

DECIMALS = 3


def columns(batch: Batch, params: safety.Params) -> dict[str, list[Any]]:
    """The extracted answers, their feeling and the safety rule that fired.

    Args:
        batch: The replies.
        params: The safety rules' settings.

    Returns:
        ``answer``, the four axes, ``polarity`` and ``rule`` (``ok`` where none fired), one cell a
        reply, under the same names for every batch; the axes are None without an answer.
    """
    names = (*(axis.lower() for axis in hourglass.AXES), "polarity")
    found: dict[str, list[Any]] = {"answer": list(batch.replies)}
    found |= {name: [None] * len(batch.replies) for name in names}
    told = [row for row, reply in enumerate(batch.replies) if reply]
    if told:
        scores = batch.judge("emotion")([batch.replies[row] for row in told])
        dims = hourglass.dimensions(scores, batch.matrix)
        for row, axes, overall in zip(told, dims, hourglass.polarity(dims), strict=True):
            for name, value in zip(names, (*axes, overall), strict=True):
                found[name][row] = round(float(value), DECIMALS)
    found["rule"] = [verdict.rule for verdict in safety.verdicts(batch, params)]
    return found
