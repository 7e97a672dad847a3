"""Expressed empathy: reaction, interpretation and exploration."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.affect.goemotions import LABELS
from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores
from emp_plugins.rewards.text import OPEN_QUESTION, REFLECTION, SUPPORT
from emp_plugins.safety.risk import plain

NEEDS = ("emotion",)
SCORES_MALFORMED = False

WARM = tuple(LABELS.index(name) for name in ("caring", "remorse", "love", "optimism"))


class Params(BaseModel):
    """Parameters of ``empathy``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    reactions: float = Field(1.0, ge=0, description="Share of warmth and concern.")
    interpretations: float = Field(1.0, ge=0, description="Share of reflected meaning.")
    explorations: float = Field(1.0, ge=0, description="Share of open questions.")
    max_questions: int = Field(
        2, ge=1, description="More questions than this are an interrogation and earn less."
    )


def floor(params: Params) -> float:
    """The lowest value, 0."""
    return 0.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores the three mechanisms of EPITOME (Sharma et al. 2020) and their mean, in [0, 1].

    reactions: over the sentences, the highest ``1 - prod(1 - p)`` of the emotion judge's caring,
    remorse, love and optimism, raised by half of what is missing where a phrase of support stands.
    Plain polarity is no such measure: it is at chance against human labels.
    interpretations: 1 where a sentence opens by giving the client's meaning back, else a quarter
    of the judge's caring. explorations: 1 for an open question, 0.5 for a closed one, divided by
    the number of questions over ``max_questions``, so that question stacks do not pay.

    Args:
        batch: The replies.
        params: Weights of the mechanisms.
        template: Not used.

    Returns:
        One value a reply, and the three parts.
    """
    parts: dict[str, list[float]] = {"reactions": [], "interpretations": [], "explorations": []}
    for texts, emotions in zip(batch.sentences, batch.sentence_emotions, strict=True):
        cues = [plain(text) for text in texts]
        parts["reactions"].append(_reactions(cues, emotions))
        parts["interpretations"].append(_interpretations(cues, emotions))
        parts["explorations"].append(_explorations(cues, params.max_questions))
    weights = np.array([params.reactions, params.interpretations, params.explorations])
    total = np.array(list(parts.values())).T @ weights / max(weights.sum(), 1e-9)
    return Scores(total.tolist(), parts)


def _reactions(cues: list[str], emotions: np.ndarray) -> float:
    warm = 1 - np.prod(1 - emotions[:, WARM], axis=1)
    support = np.array([bool(SUPPORT.search(cue)) for cue in cues])
    return float(np.max(warm + 0.5 * support * (1 - warm)))


def _interpretations(cues: list[str], emotions: np.ndarray) -> float:
    statements = [cue for cue in cues if not cue.endswith("?")]
    if any(REFLECTION.search(cue) for cue in statements):
        return 1.0
    return 0.25 * float(emotions[:, LABELS.index("caring")].max())


def _explorations(cues: list[str], max_questions: int) -> float:
    questions = [cue for cue in cues if cue.endswith("?")]
    if not questions:
        return 0.0
    best = 1.0 if any(OPEN_QUESTION.search(cue) for cue in questions) else 0.5
    return best / max(1.0, len(questions) / max_questions)
