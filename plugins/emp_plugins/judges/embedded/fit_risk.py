"""Trains the embedded risk judge, and says how it reads a writer it never saw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emp_plugins.errors import InputError
from emp_plugins.judges.embedded import fit
from emp_plugins.judges.embedded.corpus import Split
from emp_plugins.judges.embedded.risk import LABEL, drawn
from emp_plugins.judges.embedded.risk_corpus import Message, split
from emp_plugins.judges.embedded.weights import LinearWeights

SETTINGS = fit.Settings(min_chars=2, word_weight=1.5, inverse_regularisation=3.0)
"""Chosen on the predictions for left-out writers."""


def left_out(
    messages: Sequence[Message],
    background: Sequence[str] = (),
    settings: fit.Settings = SETTINGS,
) -> np.ndarray:
    """Logits of every message by a model that saw none of its writer's.

    One writer's phrases are no sample of another's, so this is what tells how the judge reads
    messages that it was not trained on.

    Args:
        messages: N messages of at least two writers.
        background: Everyday texts without risk. The writers' harmless messages were written to be
            hard; without easy ones the judge sees risk in one ordinary comment of six.
        settings: Sizes and regularisation.

    Returns:
        (N,) logits, not calibrated.

    Raises:
        InputError: There is one writer only.
    """
    writers = sorted({message.writer for message in messages})
    if len(writers) < 2:
        raise InputError("messages: need two files or more, one a writer, to tell how it reads")
    logits = np.zeros(len(messages))
    for writer in writers:
        rows = [row for row, message in enumerate(messages) if message.writer == writer]
        others = [message for message in messages if message.writer != writer]
        encoder, raw = fit.regress(_data(others, background), settings)
        texts = [messages[row].text for row in rows]
        logits[rows] = fit.logits_of(encoder, raw, texts)[:, 0]
    return logits


def train(
    messages: Sequence[Message],
    logits: np.ndarray,
    background: Sequence[str] = (),
    settings: fit.Settings = SETTINGS,
) -> LinearWeights:
    """Trains on all writers; the calibration comes from the left-out predictions.

    Args:
        messages: N messages.
        logits: What ``left_out`` gave for them.
        background: As there.
        settings: Sizes and regularisation.

    Returns:
        The weights.
    """
    encoder, raw = fit.regress(_data(messages, background), settings)
    return fit.calibrated((LABEL,), encoder, raw, logits[:, None], split(messages).present)


def probabilities(logits: np.ndarray, messages: Sequence[Message]) -> np.ndarray:
    """Left-out logits on the scale of the trained judge.

    Args:
        logits: (N,) of ``left_out``.
        messages: The N messages.

    Returns:
        (N,) probabilities, those of short messages drawn towards 0.5 as the judge does it.
    """
    own = split(messages)
    slopes, shifts = fit.calibrate(logits[:, None], own.present)
    return 1 / (1 + np.exp(-drawn(logits * slopes[0] + shifts[0], own.texts)))


def _data(messages: Sequence[Message], background: Sequence[str]) -> Split:
    own = split(messages)
    harmless = np.zeros((len(background), 1), dtype=bool)
    return Split([*own.texts, *background], np.concatenate([own.present, harmless]))
