"""Replies -> shares, rewards and their intervals.

The shares of good replies, of clinical errors and of distinct replies come from the phrase bank
and the text alone. No reward enters them, so they show whether a rising reward means a better
reply or a reward that was gamed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from emp_datagen.bank import Bank, recognise
from emp_plugins.completion import Template

RESAMPLES = 1000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Label:
    """What one reply is, as far as template and phrase bank know.

    Attributes:
        answer: What the client would see.
        well_formed: Whether the template was followed without a fault.
        problems: Why not.
        good: Whether the phrase bank knows the answer as a good reply.
        errors: Names of the clinical errors that it knows in the answer.
        known: Whether the answer consists of phrases from the bank.
    """

    answer: str
    well_formed: bool
    problems: tuple[str, ...]
    good: bool
    errors: tuple[str, ...]
    known: bool


@dataclass(frozen=True)
class Measurement:
    """Numbers over a set of replies; every share is between 0 and 1.

    Attributes:
        n: Number of replies.
        well_formed: Share that follows the template without a fault.
        clinical_error: Share with at least one clinical error that the phrase bank knows.
        good: Share that the phrase bank knows as a good reply.
        known: Share made of phrases from the bank, good or not.
        distinct: Number of different answers divided by the number of answers.
        errors: Share of replies with each clinical error.
        reward_total: Mean of the weighted sum of the rewards; a reward without a value counts 0.
        rewards: Mean of each reward where it gave a value, or None where it never did.
        intervals: Low and high end of the 95 % bootstrap interval, by name; rewards as
            ``rewards/<name>``, errors as ``errors/<name>``.
    """

    n: int
    well_formed: float
    clinical_error: float
    good: float
    known: float
    distinct: float
    errors: dict[str, float]
    reward_total: float
    rewards: dict[str, float | None]
    intervals: dict[str, tuple[float, float]]

    def to_json(self) -> dict[str, Any]:
        """The numbers as a mapping that ``json`` writes."""
        return asdict(self)


def label(text: str, risk: int, template: Template, bank: Bank) -> Label:
    """Looks one reply up in the template and the phrase bank.

    Args:
        text: The completion.
        risk: The client's risk level, on which a missed risk signal depends.
        template: The shape that was asked for.
        bank: The phrases that are looked for.

    Returns:
        What is known of the reply.
    """
    parsed = template.parse(text)
    # Without a parsed answer everything counts that the client might see, or a broken tag would
    # hide a clinical error.
    answer = without_tags(text, template) if parsed.answer is None else parsed.answer
    found = recognise(answer, risk, bank)
    return Label(
        answer=answer,
        well_formed=parsed.well_formed,
        problems=parsed.problems,
        good=found.good,
        errors=tuple(found.errors),
        known=found.known,
    )


def without_tags(text: str, template: Template) -> str:
    """A malformed completion's text without the template's tags.

    Args:
        text: The completion.
        template: Names the tags.

    Returns:
        The rest of the text. A tag ends the sentence before it, so that the reasoning's last line
        does not run into the answer's first sentence.

    Example:
        >>> without_tags("<reasoning> ask gently <answer> I hear you.</answer>", Template())
        'ask gently. I hear you.'
    """
    names = "|".join(
        re.escape(name) for name in (template.reasoning_tag, template.answer_tag) if name
    )
    text = re.sub(rf"([^\s.!?>])\s*</?(?:{names})>", r"\1. ", text)
    text = re.sub(rf"</?(?:{names})>", " ", text)
    return re.sub(r" +", " ", text).strip()


def measure(
    rows: Sequence[Mapping[str, Any]],
    completions: Sequence[str],
    template: Template,
    rewards: Sequence[Any],
    bank: Bank,
    *,
    seed: int = 0,
) -> Measurement:
    """Measures the replies to a set of prompts.

    Args:
        rows: Prompt rows, as ``emp-datagen prompts`` writes them.
        completions: One completion for each row.
        template: The shape that was asked for.
        rewards: Reward objects; each is called once with the whole set.
        bank: The phrases that are looked for.
        seed: Seed of the bootstrap.

    Returns:
        The numbers.

    Raises:
        ValueError: There are no rows, or not one completion for each.
    """
    if not rows or len(rows) != len(completions):
        raise ValueError(f"{len(rows)} rows and {len(completions)} completions")
    labels = [
        label(text, row.get("risk") or 0, template, bank)
        for row, text in zip(rows, completions, strict=True)
    ]
    samples = {
        "well_formed": [one.well_formed for one in labels],
        "clinical_error": [bool(one.errors) for one in labels],
        "good": [one.good for one in labels],
        "known": [one.known for one in labels],
        "distinct": _distinct([one.answer for one in labels]),
    }
    for name in bank.errors:
        samples[f"errors/{name}"] = [name in one.errors for one in labels]
    values, total = _reward_values(rows, completions, rewards)
    samples["reward_total"] = total
    samples |= {f"rewards/{name}": column for name, column in values.items()}
    return _summary(len(labels), samples, seed)


def interval(values: Sequence[float], seed: int) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of a mean.

    Args:
        values: The sample, not empty.
        seed: Seed of the resampling.

    Returns:
        Low and high end.
    """
    data = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed)
    means = data[rng.integers(0, len(data), (RESAMPLES, len(data)))].mean(axis=1)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)


def _distinct(answers: Sequence[str]) -> list[float]:
    # Each answer counts as one part in as many as say the same, so that the mean of these is the
    # share of distinct answers and the bootstrap has something to resample.
    normal = [" ".join(re.findall(r"\w+", answer.casefold())) for answer in answers]
    counts = Counter(normal)
    return [1 / counts[answer] for answer in normal]


def _reward_values(
    rows: Sequence[Mapping[str, Any]], completions: Sequence[str], rewards: Sequence[Any]
) -> tuple[dict[str, list[float]], list[float]]:
    columns = {key: [row.get(key) for row in rows] for key in rows[0] if key != "prompt"}
    prompts = [row["prompt"] for row in rows]
    replies = [[{"role": "assistant", "content": text}] for text in completions]
    values, total = {}, [0.0] * len(rows)
    for reward in rewards:
        given = reward(prompts=prompts, completions=replies, **columns)
        usable = [None if one is None or math.isnan(one) else float(one) for one in given]
        total = [
            sum_ + reward.weight * (one or 0.0) for sum_, one in zip(total, usable, strict=True)
        ]
        values[reward.__name__] = [one for one in usable if one is not None]
    return values, total


def _summary(n: int, samples: dict[str, list[float]], seed: int) -> Measurement:
    means = {
        name: float(np.mean(values)) if len(values) else None for name, values in samples.items()
    }

    def group(prefix: str) -> dict[str, Any]:
        return {k.removeprefix(prefix): v for k, v in means.items() if k.startswith(prefix)}

    return Measurement(
        n=n,
        **{name: value for name, value in means.items() if "/" not in name},
        errors=group("errors/"),
        rewards=group("rewards/"),
        intervals={name: interval(values, seed) for name, values in samples.items() if len(values)},
    )
