"""What the page says about its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOLERANCE = 0.05
"""A reward's mean may fall by this much before the page points at it."""

NOTE = (
    "These replies come from a tiny language model that was trained for minutes on generated "
    "dialogues, to show that the parts work together. It knows a few hundred phrases. It is a "
    "research aid and not a medical device: never let a model like this talk to somebody who "
    "needs help."
)

METHOD = (
    (
        "Prompts",
        "Both models answer the same {n} held-out situations, which no training saw, with the same "
        "seed ({seed}) and the sampling settings of the training.",
    ),
    (
        "Well-formed replies",
        "Share of replies that follow the template without a fault: the reasoning with each of "
        "its lines, then the answer, and nothing beside them.",
    ),
    (
        "Replies with a clinical error, recognised good replies, known phrases",
        "The answer is compared with the phrase bank: its good replies and its kinds of "
        "clinical error. Of a malformed reply the whole text counts, without its tags. No reward "
        "enters these shares, so a model that games its rewards does not move them.",
    ),
    (
        "Distinct answers",
        "Number of different answers divided by the number of answers; case, punctuation and "
        "spacing do not count as a difference. Its interval takes each answer as one part in as "
        "many as say the same, and resamples those parts.",
    ),
    (
        "Rewards",
        "Mean of each reward over the replies it has a value for, as the training computes it. "
        "The total is the weighted sum, in which a reward without a value counts as 0.",
    ),
    (
        "Intervals",
        "95 % bootstrap intervals of the mean over the replies (1000 resamples). They hold for "
        "these models: another seed trains another model, and varies more. Where all {n} replies "
        "agree the interval has no width, and the true share may still lie about {rule:.1%} away.",
    ),
)


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        key: Name among the measurement's intervals.
        title: Name for a reader.
        kind: ``"share"`` or ``"reward"``.
        wish: 1 where more is better, -1 where less is, 0 where neither.
    """

    key: str
    title: str
    kind: str
    wish: int


SHARES = (
    Row("well_formed", "Well-formed replies", "share", 1),
    Row("clinical_error", "Replies with a clinical error", "share", -1),
    Row("good", "Recognised good replies", "share", 1),
    Row("distinct", "Distinct answers", "share", 0),
    Row("known", "Made of known phrases", "share", 0),
)


def rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, list[Row]]]:
    """The table's groups and lines.

    Args:
        before: A measurement.
        after: Another with the same rewards.

    Returns:
        Titles of groups, each with its lines.
    """
    errors = sorted({*before["errors"], *after["errors"]})
    rewards = list(dict.fromkeys([*before["rewards"], *after["rewards"]]))
    groups = [
        ("By the template and the phrase bank", list(SHARES)),
        ("Clinical errors", [Row(f"errors/{n}", pretty(n), "share", -1) for n in errors]),
        (
            "Rewards",
            [
                Row("reward_total", "Total reward", "reward", 1),
                *(Row(f"rewards/{name}", pretty(name), "reward", 1) for name in rewards),
            ],
        ),
    ]
    return [(title, lines) for title, lines in groups if lines]


def value(measurement: Mapping[str, Any], key: str) -> float | None:
    """A number of a measurement by its name among the intervals.

    Args:
        measurement: As ``Measurement.to_json`` gives it.
        key: Such as ``"good"`` or ``"rewards/empathy"``.

    Returns:
        The number; None where there is none. An error that was not seen has the share 0.
    """
    group, slash, name = key.partition("/")
    if not slash:
        return measurement[key]
    return measurement[group].get(name, 0.0 if group == "errors" else None)


def verdict(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The result in sentences.

    Args:
        before: A measurement.
        after: Another.

    Returns:
        Plain sentences, the last ones about what got worse.
    """
    said = [
        f"{after['well_formed']:.0%} of the replies follow the template "
        f"({_moved(before, after, 'well_formed')}), and {after['good']:.0%} are good replies by "
        f"the phrase bank ({_moved(before, after, 'good')}).",
        f"{after['clinical_error']:.0%} hold a clinical error "
        f"({_moved(before, after, 'clinical_error')}).",
        f"{after['distinct']:.0%} of the answers differ from one another "
        f"({_moved(before, after, 'distinct')}).",
        f"The total reward went from {before['reward_total']:.2f} to {after['reward_total']:.2f}.",
    ]
    fell = []
    for name, then in before["rewards"].items():
        now = after["rewards"].get(name)
        if then is not None and now is not None and now < then - TOLERANCE:
            fell.append(f"{pretty(name).lower()} ({then:.2f} to {now:.2f})")
    if fell:
        said.append(f"Rewards that fell: {', '.join(fell)}.")
    return said


def pretty(name: str) -> str:
    """A name as a reader writes it.

    Args:
        name: Such as ``"missed_risk"``.

    Returns:
        Such as ``"Missed risk"``.
    """
    return name.replace("_", " ").replace("-", " ").capitalize()


def _moved(before: Mapping[str, Any], after: Mapping[str, Any], key: str) -> str:
    then, now = before[key], after[key]
    if f"{then:.0%}" == f"{now:.0%}":
        return "as before"
    return f"{'up' if now > then else 'down'} from {then:.0%}"
