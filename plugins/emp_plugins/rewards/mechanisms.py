"""The three mechanisms of expressed empathy, each from a reply's cues and emotions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emp_plugins.affect.goemotions import LABELS
from emp_plugins.rewards.language.cues.evidence import Evidence, join
from emp_plugins.rewards.language.cues.tables import Hit

WARM = tuple(LABELS.index(name) for name in ("caring", "remorse", "love", "optimism"))
CHEERFUL = tuple(LABELS.index(name) for name in ("joy", "excitement", "amusement"))
CURIOSITY = LABELS.index("curiosity")

JUDGED = 0.8
"""Weight of the judge's warm emotions beside the phrases."""

ALONE = 0.5
"""What the judge's warmth counts in a sentence about the replier alone: "I love my life"."""

COLD = 0.7
"""Share of the warmth that a dismissive or hopeless phrase of strength 1 takes away."""

HALVING = 2
"""Statements in the first person that halve what is missing of a like experience."""

HANDED_BACK = 0.85
"""What is left of a question for each statement that follows it, up to four: a question that the
replier goes on to talk over is often rhetorical."""


@dataclass(frozen=True)
class Mechanism:
    """One mechanism of one reply.

    Attributes:
        value: How much of it the reply expresses, in [0, 1].
        spans: Start, end and cue of what was found.
    """

    value: float
    spans: list[tuple[int, int, str]]


def reactions(evidence: Evidence, emotions: np.ndarray) -> Mechanism:
    """Warmth, compassion and concern.

    ``join`` over the cues of ``reactions.yml`` and over the judge's best sentence, there ``felt``
    of caring, remorse, love and optimism, half in a sentence about the replier alone. Dismissive,
    hopeless and refusing phrases take up to ``COLD`` of it, repetition more. Sentences that refer
    to a service are information, not the replier's own warmth.

    Args:
        evidence: The reply.
        emotions: Its sentences' emotion probabilities, (sentences, 28).

    Returns:
        The value and the spans.
    """
    every = evidence.hits("reactions")
    referring = {hit.sentence for hit in every if hit.cue.kind == "none"}
    hits = [hit for hit in every if hit.sentence not in referring]
    judged = felt(emotions, WARM) * evidence.trust * np.where(evidence.about_self, ALONE, 1)
    judged[list(referring)] = 0.0
    value = join([*evidence.by_cue(hits).values(), float(judged.max())])
    cold = max(evidence.harm.get(name, 0.0) for name in ("dismissal", "hopelessness", "refusal"))
    value *= (1 - COLD * cold) * evidence.repetition(hits)
    return Mechanism(value, _spans(hits))


def interpretations(evidence: Evidence, self_disclosure: float) -> Mechanism:
    """Understanding of what the client feels and went through.

    What is said of the client (a feeling inferred, understanding, a common experience) and what
    the replier tells of a like experience are joined. The second is
    ``self_disclosure * join(cues, 1 - 2**(-n / 2))``, n the different statements in the first
    person, and is less by ``despair / 2``. Questions do not count.

    Args:
        evidence: The reply.
        self_disclosure: The most that the replier's own experience earns.

    Returns:
        The value and the spans.
    """
    every = evidence.hits("interpretations")
    hits = [hit for hit in every if not evidence.questions[hit.sentence]]
    other = [hit for hit in hits if hit.cue.kind == "other"]
    own = [hit for hit in hits if hit.cue.kind == "self"]
    told = evidence.told([hit for hit in hits if hit.cue.kind == "none"])
    shared = self_disclosure * join([*evidence.by_cue(own).values(), 1 - 0.5 ** (told / HALVING)])
    despair = max(evidence.harm.get(name, 0.0) for name in ("despair", "hopelessness"))
    shared *= 1 - 0.5 * despair
    value = join([*evidence.by_cue(other).values(), shared]) * evidence.distinct
    return Mechanism(value, _spans([*other, *own]))


def explorations(evidence: Evidence, emotions: np.ndarray, max_questions: int) -> Mechanism:
    """Questions about what the client feels and lives through.

    A question has the strength of the first kind in ``explorations.yml`` that it matches, times
    ``0.5 + 0.5`` of the judge's curiosity, and less for statements that follow it. They are joined,
    and divided by the number of questions over ``max_questions``.

    Args:
        evidence: The reply.
        emotions: Its sentences' emotion probabilities, (sentences, 28).
        max_questions: More than these are an interrogation.

    Returns:
        The value and the spans.
    """
    first: dict[int, Hit] = {}
    for hit in evidence.hits("explorations"):
        if evidence.questions[hit.sentence] != (hit.cue.name == "indirect"):
            first.setdefault(hit.sentence, hit)
    weights = []
    for number, hit in first.items():
        after = evidence.questions[number + 1 :].count(False)
        curious = 0.5 + 0.5 * float(emotions[number, CURIOSITY])
        faded = HANDED_BACK ** min(after, 4)
        weights.append(hit.cue.strength * curious * faded * evidence.trust[number])
    stack = max(1.0, len(first) / max_questions)
    return Mechanism(join(weights) * evidence.distinct / stack, _spans(list(first.values())))


def felt(emotions: np.ndarray, labels: Sequence[int]) -> np.ndarray:
    """How sure the judge is of one of some emotions, ``0.8 * (1 - prod(1 - p)) * (1 - cheer)``.

    ``cheer`` is the highest of joy, excitement and amusement: "I love everything today!" is no
    warmth towards a client.

    Args:
        emotions: (sentences, 28) probabilities.
        labels: Positions in ``LABELS``.

    Returns:
        (sentences,) numbers in [0, 1].

    Example:
        >>> row = np.zeros((1, 28))
        >>> row[0, WARM[0]] = 0.5
        >>> felt(row, WARM).tolist()
        [0.4]
    """
    cheer = emotions[:, CHEERFUL].max(axis=1)
    return JUDGED * (1 - np.prod(1 - emotions[:, labels], axis=1)) * (1 - cheer)


def _spans(hits: list[Hit]) -> list[tuple[int, int, str]]:
    return [(hit.start, hit.end, hit.cue.name) for hit in hits]
