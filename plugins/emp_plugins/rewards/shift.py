"""What one reply does to one client's affect: the terms of ``affective_shift``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emp_plugins.affect import hourglass
from emp_plugins.affect.goemotions import LABELS
from emp_plugins.rewards.language.cues.evidence import Evidence, join
from emp_plugins.rewards.mechanisms import felt

PULLED = [hourglass.AXES.index(name) for name in ("Introspection", "Sensitivity")]
"""The axes whose further fall is harmful support."""

ACKNOWLEDGING = tuple(
    LABELS.index(name) for name in ("caring", "remorse", "sadness", "love", "disappointment")
)
ACKNOWLEDGING_CUES = frozenset(
    "sorrow sorry compassion affection commiseration fellowship presence"
    " inferred_feeling understanding".split()
)
LIFTING_CUES = frozenset("comfort affirmation wish gladness".split())

TAKEN_OVER = (0.5, 1 / 3)
"""A reply is about the replier's distress where the first share of its sentences speaks of them
alone and the second tells of distress."""

UNDERSTOOD = 0.7
"""Weight of understanding in ``support``, beside warmth."""


@dataclass(frozen=True)
class Shift:
    """The terms for one reply, each in [0, 1] but polarity.

    Attributes:
        support: How warm and understanding it is.
        lift: The highest lift of a sentence on the target axis, counted as far as this or an
            earlier sentence acknowledges.
        harm: How far it pulls the client further down.
        polarity: The reply's, or that of its most cheerful unacknowledged sentence if higher.
    """

    support: float
    lift: float
    harm: float
    polarity: float


def shift(
    evidence: Evidence,
    warm: float,
    emotions: np.ndarray,
    whole: np.ndarray,
    matrix: np.ndarray,
    axis: int,
    enough: float,
) -> Shift:
    """Takes a reply apart.

    Args:
        evidence: The reply and the client's turn.
        warm: The value of its reactions.
        emotions: Probabilities of its sentences, (sentences, 28).
        whole: The axes of the whole reply, (4,).
        matrix: The affective matrix, (28, 4).
        axis: Position of the target axis.
        enough: Value on the axis from which on more lifts nothing.

    Returns:
        The terms.
    """
    acknowledged = _acknowledged(evidence, emotions)
    dims = hourglass.dimensions(emotions, matrix)
    sofar = np.maximum.accumulate(acknowledged)
    lifted = np.clip(dims[:, axis] / enough, 0, 1) * evidence.trust
    lifted = np.maximum(lifted, _strongest(evidence, LIFTING_CUES))
    polarity = np.maximum(hourglass.polarity(dims), 0) * (1 - sofar)
    return Shift(
        support=join([warm, UNDERSTOOD * _understood(evidence) * evidence.distinct]),
        lift=float((lifted * sofar).max()) * evidence.distinct,
        harm=_harm(evidence, dims, max(warm, float(sofar[-1]))),
        polarity=max(float(hourglass.polarity(whole[None])[0]), float(polarity.max())),
    )


def _acknowledged(evidence: Evidence, emotions: np.ndarray) -> np.ndarray:
    """How far each sentence acknowledges, (sentences,): by its phrases or the judge's emotions."""
    judged = felt(emotions, ACKNOWLEDGING) * evidence.trust * ~_alone(evidence)
    return np.maximum(judged, _strongest(evidence, ACKNOWLEDGING_CUES))


def _understood(evidence: Evidence) -> float:
    hits = [hit for hit in evidence.hits("interpretations") if hit.cue.kind == "other"]
    statements = [hit for hit in hits if not evidence.questions[hit.sentence]]
    return max(evidence.by_cue(statements).values(), default=0.0)


def _harm(evidence: Evidence, dims: np.ndarray, met: float) -> float:
    """The highest phrase of harm, or fall of a sentence in which the replier speaks of themselves.

    Telling of one's own bad times is no harm as far as the reply turns to the client as well; where
    it takes the reply over, it is harm in full.
    """
    own = {hit.sentence for hit in evidence.hits("harm") if hit.cue.kind == "own"}
    alone, told = np.mean(evidence.about_self), len(own) / len(evidence.sentences)
    if len(evidence.sentences) > 1 and alone >= TAKEN_OVER[0] and told >= TAKEN_OVER[1]:
        return 1.0
    fall = np.clip(-dims[:, PULLED].min(axis=1), 0, 1) * _alone(evidence) * (1 - met)
    return max(*evidence.harm.values(), float(fall.max()), 0.0)


def _strongest(evidence: Evidence, names: frozenset[str]) -> np.ndarray:
    strengths = np.zeros(len(evidence.sentences))
    for hit in (*evidence.hits("reactions"), *evidence.hits("interpretations")):
        if hit.cue.name in names:
            strengths[hit.sentence] = max(strengths[hit.sentence], hit.cue.strength)
    return strengths * evidence.trust


def _alone(evidence: Evidence) -> np.ndarray:
    """Which sentences speak of the replier and not of the client."""
    return np.array(evidence.about_self)
