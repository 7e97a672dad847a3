"""Expressed empathy: reaction, interpretation and exploration, or a regressor's score."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.affect.calibration import Calibration
from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores
from emp_plugins.rewards.language.cues.evidence import Evidence
from emp_plugins.rewards.mechanisms import Mechanism, explorations, interpretations

NEEDS = ("emotion",)
OPTIONAL = ("empathy",)
SCORES_MALFORMED = False

MECHANISMS = ("reactions", "interpretations", "explorations")


class Params(BaseModel):
    """Parameters of ``empathy``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    reactions: float = Field(1.0, ge=0, description="Share of warmth and concern.")
    interpretations: float = Field(1.0, ge=0, description="Share of understanding.")
    explorations: float = Field(1.0, ge=0, description="Share of questions about feelings.")
    max_questions: int = Field(
        2, ge=1, description="More questions than this are an interrogation and earn less."
    )
    self_disclosure: float = Field(
        0.8,
        ge=0,
        le=1,
        description="The most that the replier's own like experience earns as interpretation; "
        "0 for an assistant that has none to tell.",
    )
    calibration: Calibration = Field(
        default_factory=Calibration,
        description="From the score of a judge of kind `empathy` to [0, 1]; unused without one.",
    )


def floor(params: Params) -> float:
    """The lowest value, 0."""
    return 0.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores the three mechanisms of EPITOME and their weighted mean, in [0, 1].

    Each mechanism is a ``join`` (a noisy-or in which each further cue counts half) of the phrases
    in ``language/cues`` and of the emotion judge's probabilities by sentence; the formulas stand in
    ``mechanisms.py``. A sentence copied from the client counts less or not at all, nor does a list
    of key words; a cue counts once however often it is said. Plain polarity of the reply is no such
    measure: it is at chance against human labels.

    Where the recipe names a hub judge of kind ``empathy``, the value is that judge's score of the
    reply, calibrated over the judge's ``range``, and the mechanisms are still given as parts. Mind
    that the published regressor is confounded: it rates the distress in a text, so that "I'm so
    happy for you!" gets .94 and "This is really hard to deal with." 2.87 of about 5.

    Source: Sharma, Miner, Atkins, Althoff, "A Computational Approach to Understanding Empathy
    Expressed in Text-Based Mental Health Support", EMNLP 2020. The phrases and their strengths
    were written by hand from its definitions; nothing was optimised on its data. Its development
    half did guide the writing: a third of the rows was read to learn the register, and a few
    hand-written variants were compared on all of them, among them counting statements in the first
    person. Agreement measured on that half is therefore slightly flattering.

    Args:
        batch: The replies.
        params: Weights of the mechanisms and bounds.
        template: Not used.

    Returns:
        One value a reply, the three parts, and as note ``spans``: start, end, mechanism and cue of
        each phrase that counted, places in the reply.
    """
    rows = [
        _mechanisms(evidence, warmth, emotions, params)
        for evidence, warmth, emotions in zip(
            batch.evidence, batch.reactions, batch.sentence_emotions, strict=True
        )
    ]
    parts = {name: [row[name].value for row in rows] for name in MECHANISMS}
    weights = np.array([getattr(params, name) for name in MECHANISMS])
    values = np.array([parts[name] for name in MECHANISMS]).T @ weights / max(weights.sum(), 1e-9)
    if batch.configured("empathy"):
        judge = batch.loaded("empathy")
        raw = np.asarray(judge.score(batch.replies), dtype=float)
        values = params.calibration.apply(raw, bounds=judge.range)
    return Scores(values.tolist(), parts, {"spans": [_quoted(row) for row in rows]})


def _mechanisms(
    evidence: Evidence, warmth: Mechanism, emotions: np.ndarray, params: Params
) -> dict[str, Mechanism]:
    return {
        "reactions": warmth,
        "interpretations": interpretations(evidence, params.self_disclosure),
        "explorations": explorations(evidence, emotions, params.max_questions),
    }


def _quoted(row: dict[str, Mechanism]) -> list[list[int | str]]:
    found = [[*span[:2], name, span[2]] for name in row for span in row[name].spans]
    return sorted(found)
