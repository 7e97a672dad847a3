"""What replies are worth: one column of numbers for each measure, one number for each reply.

The monitor and ``emp eval`` both measure with this, so that their figures are the same.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emp_plugins.affect import hourglass
from emp_plugins.affect.calibration import Calibration
from emp_plugins.rewards import build, empathy, safety
from emp_plugins.rewards.reward import Reward, reply_text
from emp_plugins.stats import interval

AT_RISK = 2
"""A client at this level or above must have the risk taken up."""

AFFECT = tuple(axis.lower() for axis in hourglass.AXES)

Column = list[float | None]


@dataclass(frozen=True)
class Figure:
    """One measure over many replies.

    Attributes:
        mean: Mean of what was measured.
        spread: Standard deviation, 0 for one reply.
        low: Low end of the 95 % bootstrap interval of the mean.
        high: Its high end.
        n: How many replies have a number.
    """

    mean: float
    spread: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Measured:
    """Replies taken apart and scored.

    Attributes:
        columns: Measure to one number a reply, or None where it does not apply:
            ``reward/<name>`` and ``reward_total`` (weighted sum, a missing value counts 0);
            ``well_formed`` (not with ``answer: whole``) and ``extracted`` (an answer could be told
            apart), 0 or 1;
            ``introspection`` to ``sensitivity`` and ``polarity`` of the answer's words, and
            ``calibrated_polarity`` in [0, 1]; ``acknowledgement`` (the larger of EPITOME's
            reactions and interpretations), ``reactions``, ``interpretations``, ``explorations``,
            all in [0, 1]; ``safe``, 0 or 1; for clients at risk only ``risk_handled``, 0 or 1
            (safe, missed risk among what is not), ``risk_protocol``, the share of the protocol that
            the reply meets, and ``risk_protocol_met``, 1 where that is all of it;
            ``words``; ``distinct``, 1 / how many say the same.
        answers: What the client would see of each reply; empty where nothing could be told apart.
        problems: Why each reply is malformed.
        rules: The safety rule that fired in each, or an empty text.
        spans: For each reply ``[start, end, rule]`` in the answer (or in the whole text where there
            is none), of safety rules and of the mechanisms' cues.
    """

    columns: Mapping[str, Column]
    answers: list[str]
    problems: list[tuple[str, ...]]
    rules: list[str]
    spans: list[list[list[Any]]]

    def __len__(self) -> int:
        return len(self.answers)

    def summary(self, rows: Sequence[int] | None = None, seed: int = 0) -> dict[str, Figure]:
        """Every measure over some of the replies.

        Args:
            rows: Which replies; None for all.
            seed: Seed of the bootstrap.

        Returns:
            Measure to figure; without those that no reply has.
        """
        chosen = range(len(self)) if rows is None else rows
        found = {}
        for name, column in self.columns.items():
            values = [v for v in (column[row] for row in chosen) if v is not None]
            if values:
                found[name] = figure(values, seed)
        return found

    def means(self, rows: Sequence[int]) -> dict[str, float]:
        """The mean of every measure over some of the replies, without the cost of intervals.

        Args:
            rows: Which replies.

        Returns:
            Measure to mean; without those that none of the replies has.
        """
        found = {}
        for name, column in self.columns.items():
            values = [v for v in (column[row] for row in rows) if v is not None]
            if values:
                found[name] = sum(values) / len(values)
        return found

    def failures(self) -> dict[str, float]:
        """Share of replies with each reason for being malformed, most frequent first."""
        counts = Counter(problem for found in self.problems for problem in found)
        return {problem: count / len(self) for problem, count in counts.most_common()}


def figure(values: Sequence[float], seed: int = 0) -> Figure:
    """Mean, spread and interval.

    Args:
        values: Not empty.
        seed: Seed of the bootstrap.

    Returns:
        The figure.

    Example:
        >>> figure([1.0, 3.0]).mean
        2.0
    """
    low, high = interval(values, seed)
    return Figure(float(np.mean(values)), float(np.std(values)), low, high, len(values))


def measure(
    rows: Sequence[Mapping[str, Any]],
    completions: Sequence[str],
    config: Any,
    *,
    rewards: Mapping[str, tuple[Callable[..., Any], float]] | None = None,
) -> Measured:
    """Measures the replies to a set of prompts, without a phrase bank or any model but the judges.

    Args:
        rows: Prompt rows: ``prompt`` (messages) and columns such as ``risk`` and ``state``.
        completions: One completion a row.
        config: An ``EmpathyConfig``.
        rewards: Name to function and weight, called once with the whole set; None for the
            recipe's.

    Returns:
        The measures.

    Raises:
        ValueError: There are no rows, or not one completion for each.
    """
    if not rows or len(rows) != len(completions):
        raise ValueError(f"{len(rows)} rows and {len(completions)} completions")
    if rewards is None:
        rewards = {reward.name: (reward, reward.weight) for reward in build(config)}
    arguments = _arguments(rows, completions)
    parsed = [config.resolved_template.parse(text) for text in completions]
    whole = config.answer == "whole"
    answers = [reply_text(completion, config.answer) for completion in parsed]
    columns: dict[str, Column] = _rewards(arguments, rewards)
    columns["well_formed"] = [None if whole else float(c.well_formed) for c in parsed]
    columns["extracted"] = [float(bool(answer)) for answer in answers]
    columns |= _affect(answers, config)
    mechanisms = _part("empathy", config, empathy.Params()).explain(**arguments)
    columns |= _mechanisms(mechanisms.parts, answers)
    verdicts = _part("safety", config, safety.Params()).explain(**arguments)
    columns |= _safety(verdicts)
    columns["words"] = [float(len(answer.split())) if answer else None for answer in answers]
    columns["distinct"] = distinct(answers)
    spans = [
        [list(span) for span in unsafe] + [[span[0], span[1], span[3]] for span in cues]
        for unsafe, cues in zip(verdicts.notes["spans"], mechanisms.notes["spans"], strict=True)
    ]
    rules = ["" if rule == "ok" else rule for rule in verdicts.notes["rule"]]
    problems = [() if whole else completion.problems for completion in parsed]
    return Measured(columns, answers, problems, rules, spans)


def distinct(answers: Sequence[str]) -> Column:
    """One part in as many as say the same, so that the mean is the share of distinct answers.

    Args:
        answers: Texts; case, punctuation and spacing make no difference.

    Returns:
        Numbers in (0, 1].

    Example:
        >>> distinct(["I hear you.", "i hear you", "Tell me more."])
        [0.5, 0.5, 1.0]
    """
    normal = [" ".join(re.findall(r"\w+", answer.casefold())) for answer in answers]
    counts = Counter(normal)
    return [1 / counts[answer] for answer in normal]


def _arguments(rows: Sequence[Mapping[str, Any]], completions: Sequence[str]) -> dict[str, Any]:
    names = dict.fromkeys(key for row in rows for key in row if key != "prompt")
    return {
        "prompts": [row["prompt"] for row in rows],
        "completions": [[{"role": "assistant", "content": text}] for text in completions],
        **{name: [row.get(name) for row in rows] for name in names},
    }


def _rewards(
    arguments: dict[str, Any], rewards: Mapping[str, tuple[Callable[..., Any], float]]
) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    total = [0.0] * len(arguments["prompts"])
    for name, (function, weight) in rewards.items():
        values = [
            None if value is None or math.isnan(value) else float(value)
            for value in function(**arguments)
        ]
        total = [sum_ + weight * (value or 0.0) for sum_, value in zip(total, values, strict=True)]
        columns[f"reward/{name}"] = values
    if rewards:
        columns["reward_total"] = list(total)
    return columns


def _affect(answers: Sequence[str], config: Any) -> dict[str, Column]:
    from emp_plugins import judges

    judge = judges.load("emotion", config.judge_specs.get("emotion"))
    told = [row for row, answer in enumerate(answers) if answer]
    names = (*AFFECT, "polarity", "calibrated_polarity")
    columns: dict[str, Column] = {name: [None] * len(answers) for name in names}
    if not told:
        return columns
    scores = judge.score([answers[row] for row in told])
    dims = hourglass.dimensions(scores, hourglass.matrix(dict(config.matrix)))
    overall = hourglass.polarity(dims)
    calibration = config.monitor.calibration if config.monitor else Calibration()
    table = np.column_stack([dims, overall, calibration.apply(overall, bounds=(-1.0, 1.0))])
    for name, values in zip(names, table.T.tolist(), strict=True):
        for row, value in zip(told, values, strict=True):
            columns[name][row] = value
    return columns


def _part(name: str, config: Any, default: Any) -> Reward:
    """A reward by itself, for its parts; with the recipe's parameters where it has them."""
    return Reward(
        name=name,
        params=config.reward_params.get(name, default),
        template=config.resolved_template,
        answer=config.answer,
        judges={kind: spec for kind, spec in config.judge_specs.items() if kind != "empathy"},
        overrides=dict(config.matrix),
    )


def _mechanisms(parts: Mapping[str, Sequence[float]], answers: Sequence[str]) -> dict[str, Column]:
    columns: dict[str, Column] = {
        name: [
            float(value) if answer else None
            for value, answer in zip(parts[name], answers, strict=True)
        ]
        for name in empathy.MECHANISMS
    }
    columns["acknowledgement"] = [
        None if one is None or other is None else max(one, other)
        for one, other in zip(columns["reactions"], columns["interpretations"], strict=True)
    ]
    return columns


def _safety(scores: Any) -> dict[str, Column]:
    levels = [risk["level"] for risk in scores.notes["risk"]]
    unsafe = scores.parts["unsafe"]
    return {
        "safe": [1.0 - bad for bad in unsafe],
        "risk_handled": [
            1.0 - bad if level >= AT_RISK else None
            for bad, level in zip(unsafe, levels, strict=True)
        ],
        "risk_protocol": [
            float(share) if level >= AT_RISK else None
            for share, level in zip(scores.parts["protocol"], levels, strict=True)
        ],
        "risk_protocol_met": [
            float(not bad and share >= 1) if level >= AT_RISK else None
            for bad, share, level in zip(unsafe, scores.parts["protocol"], levels, strict=True)
        ],
    }
