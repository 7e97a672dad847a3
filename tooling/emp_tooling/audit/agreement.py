"""Whether rewards rank replies as people do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from emp_tooling.audit.baselines import baselines, lengths
from emp_tooling.audit.labels import SHORT, STRONG, LabelledSet
from emp_tooling.audit.stats import auc, auc_interval, partial_spearman, spearman
from emp_tooling.suites.suite import Suite, asked, wrap

HIGH, LOW = 3, 1
"""A summed level counts as high from ``HIGH`` on and as low up to ``LOW``."""

Result = dict[str, Any]
Column = Sequence[float | None]


def agreement(suite: Suite, labelled: Sequence[LabelledSet], seed: int = 0) -> Result:
    """Measures every reward and their total against labels.

    Each reward is measured by its own formula, without the gate, so that a reply that misses a
    disclosed risk does not fall to the floor of all of them; ``total`` is gated as it trains. Where
    a reward has a part of a mechanism's name, that part is measured against the mechanism and the
    reward's own value stands under ``scalar``.

    Args:
        suite: The rewards.
        labelled: The labelled sets.
        seed: Seed of the bootstrap.

    Returns:
        ``{reward: {mechanism: numbers, "total": numbers}}``, and ``total`` likewise.
    """
    found: Result = {}
    for one in labelled:
        prompts = [asked(row.client, f"row-{number}") for number, row in enumerate(one.rows)]
        texts = [wrap(suite.template, row.reply) for row in one.rows]
        replies = [[{"role": "assistant", "content": text}] for text in texts]
        numbers = _measure(one, seed)
        for member in suite.members:
            values, parts = member.explain(prompts=prompts, completions=replies)
            _merge(found, member.name, numbers(values, parts))
        _merge(found, "total", numbers(suite.total(prompts, texts).tolist(), {}))
    return found


def baseline_agreement(labelled: Sequence[LabelledSet], emotion: Any, seed: int = 0) -> Result:
    """Measures trivial scores against labels, in the shape of ``agreement``.

    Args:
        labelled: The labelled sets.
        emotion: Settings of the emotion judge.
        seed: Seed of the bootstrap.

    Returns:
        ``{score: {mechanism: numbers, "total": numbers}}``.
    """
    found: Result = {}
    for one in labelled:
        numbers = _measure(one, seed)
        scores = baselines([row.reply for row in one.rows], emotion)
        for name, values in scores.items():
            _merge(found, name, numbers(values.tolist(), {}))
    return found


def _merge(found: Result, name: str, entries: Result) -> None:
    known = found.setdefault(name, {})
    # Only the first set has the sum; its rows are what people compare against.
    known.update({key: value for key, value in entries.items() if key not in known})


def _measure(
    one: LabelledSet, seed: int
) -> Callable[[Column, Mapping[str, Sequence[float]]], Result]:
    words = lengths([row.reply for row in one.rows])
    levels = {
        mechanism: np.array([row.levels.get(mechanism, -1) for row in one.rows])
        for mechanism in one.mechanisms
    }

    def numbers(values: Column, parts: Mapping[str, Sequence[float]]) -> Result:
        result: Result = {}
        for mechanism, level in levels.items():
            short = SHORT.get(mechanism, mechanism)
            part = next((name for name in (mechanism, short) if name in parts), None)
            measured = by_level(parts[part] if part else values, level, words, seed)
            if part:
                measured |= {"part": part, "scalar": by_level(values, level, words, seed)}
            # EPITOME's mechanism and the part of the reward differ in name: both find it.
            result |= {mechanism: measured, short: measured}
        if len(levels) > 1:
            result["total"] = by_sum(values, np.stack(list(levels.values())), seed)
        return result

    return numbers


def by_level(values: Column, level: np.ndarray, words: np.ndarray, seed: int) -> Result:
    """One score against one mechanism.

    Args:
        values: (N,) scores, None where there is none.
        level: (N,) 0, 1 or 2, and -1 where there is no label.
        words: (N,) length of each reply.
        seed: Seed of the bootstrap.

    Returns:
        ``auc_any`` (level 1 or 2 against 0), ``auc_strong`` (2 against 0), their intervals,
        ``spearman`` and ``partial_spearman`` (length held fixed) of score and level, ``n`` and the
        number of positives, and ``left_out``: labelled replies without a score. None where a
        number does not exist.
    """
    scores, known = _scores(values)
    used = known & (level >= 0)
    left_out = int(((level >= 0) & ~known).sum())
    scores, level, words = scores[used], level[used], words[used]
    strong = level != 1
    any_ = _auc("auc_any", scores, level > 0, seed)
    result = any_ | _auc("auc_strong", scores[strong], level[strong] == STRONG, seed)
    if len(level) > 1:
        result["spearman"] = _number(spearman(scores, level))
        result["partial_spearman"] = _number(partial_spearman(scores, level, words))
    counts = {"n": len(level), "n_any": int((level > 0).sum()), "n_strong": int((level == 2).sum())}
    return result | counts | {"left_out": left_out}


def by_sum(values: Column, levels: np.ndarray, seed: int) -> Result:
    """One score against the sum over all mechanisms.

    Args:
        values: (N,) scores, None where there is none.
        levels: (mechanisms, N), -1 where there is no label.
        seed: Seed of the bootstrap.

    Returns:
        ``auc_any``, a sum of at least 1 against 0, ``auc_strong`` and ``auc_high_low``, at least 3
        against at most 1, their intervals, and how many replies are on each side.
    """
    scores, known = _scores(values)
    used = known & (levels >= 0).all(axis=0)
    total, scores = levels.sum(axis=0)[used], scores[used]
    apart = (total >= HIGH) | (total <= LOW)
    result = _auc("auc_any", scores, total > 0, seed)
    for name in ("auc_strong", "auc_high_low"):
        result |= _auc(name, scores[apart], total[apart] >= HIGH, seed)
    return result | {"n_high": int((total >= HIGH).sum()), "n_low": int((total <= LOW).sum())}


def _scores(values: Column) -> tuple[np.ndarray, np.ndarray]:
    known = np.array([value is not None for value in values], dtype=bool)
    return np.array([value or 0.0 for value in values], dtype=float), known


def _auc(name: str, scores: np.ndarray, positive: np.ndarray, seed: int) -> Result:
    low, high = auc_interval(scores, positive, seed)
    ends = None if np.isnan(low) else [round(low, 4), round(high, 4)]
    return {name: _number(auc(scores, positive)), f"{name}_interval": ends}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)
