"""Trivial scores of a reply: a reward that does not beat them has shown nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from emp_plugins import judges
from emp_plugins.affect.goemotions import valence

KEYWORDS = (
    "sorry",
    "i understand",
    "i hear you",
    "that sounds",
    "must be",
    "here for you",
    "not alone",
    "feel",
    "hope",
    "care",
    "hugs",
)
"""Phrases that a keyword counter would look for."""

_KEYWORDS = re.compile("|".join(rf"\b{phrase}\b" for phrase in KEYWORDS))


def baselines(replies: Sequence[str], emotion: object = None) -> Mapping[str, np.ndarray]:
    """Scores replies in ways that know nothing of empathy.

    Args:
        replies: N bare replies.
        emotion: Settings of the emotion judge, None for the embedded one.

    Returns:
        Name to (N,): words, phrases of ``KEYWORDS``, question marks, and the emotion judge's mean
        valence of the whole reply in [-1, 1].

    Example:
        >>> found = baselines(["I'm so sorry. That sounds hard. What happened?"])
        >>> {name: found[name].item() for name in ("length", "keyword_count", "question_marks")}
        {'length': 8.0, 'keyword_count': 2.0, 'question_marks': 1.0}
    """
    plain = [reply.lower() for reply in replies]
    return {
        "length": lengths(replies),
        "keyword_count": np.array([float(len(_KEYWORDS.findall(text))) for text in plain]),
        "question_marks": np.array([float(text.count("?")) for text in plain]),
        "valence": valence(judges.load("emotion", emotion).score(list(replies))),
    }


def lengths(replies: Sequence[str]) -> np.ndarray:
    """How many words each reply has, (N,)."""
    return np.array([float(len(reply.split())) for reply in replies])
