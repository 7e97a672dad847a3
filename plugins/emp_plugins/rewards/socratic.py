"""Whether a reply reflects and asks one open question instead of advising or interrogating."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores
from emp_plugins.rewards.language.text import OPEN_QUESTION, REFLECTION
from emp_plugins.rewards.language.words import words

NEEDS: tuple[str, ...] = ()
SCORES_MALFORMED = False

MIN_WORDS = 3
"""A question of fewer words ("Right?", "You know?") asks nothing; it is not counted."""

_ADVICE = re.compile(
    r"\byou(?:'ll)? (?:really |just |also |definitely |probably )?"
    r"(?:should|need to|have to|must|ought to|gotta|got to|could try|might want to|may want to"
    r"|want to (?:try|consider|start|make sure)|can always|better)\b"
    r"|\b(?:i|i'd|i would) (?:\w+ )?(?:suggest|recommend|advise)\b|\bmy advice\b|\bif i were you\b"
    r"|\b(?:why don't you|how about you|have you (?:tried|considered|thought (?:about|of)))\b"
    r"|^\W*(?:and |but |so |then |also |maybe |please |first,? |just |simply |\d+[.)] )*"
    r"(?:try|go|get|take|make|do|don't|stop|start|keep|find|set|talk to|see|consider|remember to"
    r"|focus|write|look|think|call|ask|avoid|eat|drink|exercise|sleep|meditate|breathe|practi[cs]e"
    r"|learn|join|use|give|let|put|read)\b(?! (?:on|ahead)\b)"
)
_INFORMATION = re.compile(
    r"\b(?:studies|research|science|scientists|experts|statistics|evidence|psychologists)\b"
    r"|\b(?:depression|anxiety|stress|grief|trauma|therapy|cbt|medication|exercise|sleep) "
    r"(?:is|are|can|helps|works|causes|affects|means|makes)\b"
    r"|\b(?:it is|it's) (?:important|essential|crucial|worth noting|known|recommended)\b"
    r"|\b(?:in fact|generally speaking|according to|for (?:example|instance)|such as)\b"
)


class Params(BaseModel):
    """Parameters of ``socratic``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    reflection: float = Field(0.6, ge=0, le=1, description="What one reflection earns.")
    question: float = Field(0.4, ge=0, le=1, description="What one open question earns.")
    max_questions: int = Field(2, ge=1, description="More questions than this are a stack.")
    stack: float = Field(0.5, ge=0, description="What each question over that costs.")
    advice: float = Field(0.8, ge=0, description="What advice costs, times its share of sentences.")
    information: float = Field(
        0.5, ge=0, description="What information costs, times its share of sentences."
    )


def floor(params: Params) -> float:
    """The lowest value, -1."""
    return -1.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores motivational style, in [-1, 1]; 0 is neither asked, reflected nor advised.

    Value: ``reflection * r + question * q - stack * over - advice * a - information * i``, clipped.
    r is 1 where a statement gives the client's meaning back, q is 1 for an open question, 0.5 for a
    closed one, but only where a reflection stands or no question besides; over counts questions
    above ``max_questions``; a and i are the shares of sentences that advise or inform.

    In motivational interviews reflections, little advice and little information tell good sessions
    from poor ones; the rate of questions does not. Hence one question earns less than a reflection,
    and none costs nothing. Most everyday replies advise, so most score about 0 here: use it where
    the recipe wants this style, not as a measure of kindness.

    Args:
        batch: The replies.
        params: Gains and costs.
        template: Not used.

    Returns:
        One value a reply; ``reflections``, ``questions``, ``advice`` and ``information`` as parts.
    """
    names = ("reflections", "questions", "advice", "information")
    parts: dict[str, list[float]] = {name: [] for name in names}
    values = []
    for texts in batch.sentences:
        low = [text.replace("\u2019", "'").lower().strip() for text in texts if words(text)]
        asked = [text for text in low if text.endswith("?") and len(words(text)) >= MIN_WORDS]
        told = [text for text in low if not text.endswith("?")]
        reflections = sum(bool(REFLECTION.search(text)) for text in told)
        advice = sum(bool(_ADVICE.search(text)) for text in low) / max(1, len(low))
        information = sum(bool(_INFORMATION.search(text)) for text in told) / max(1, len(low))
        opened = any(OPEN_QUESTION.search(text) and not _ADVICE.search(text) for text in asked)
        numbers = (float(reflections), float(len(asked)), advice, information)
        for name, number in zip(names, numbers, strict=True):
            parts[name].append(number)
        values.append(_value(numbers, opened, params))
    return Scores(values, parts)


def _value(numbers: tuple[float, float, float, float], opened: bool, params: Params) -> float:
    reflections, questions, advice, information = numbers
    asks = (1.0 if opened else 0.5) if questions else 0.0
    if questions > 1 and not reflections:
        asks /= questions
    value = params.reflection * min(1.0, reflections) + params.question * asks
    value -= params.stack * max(0.0, questions - params.max_questions)
    value -= params.advice * advice + params.information * information
    return min(1.0, max(-1.0, value))
