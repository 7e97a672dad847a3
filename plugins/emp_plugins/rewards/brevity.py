"""Whether a reply has the length and the form of something that one person says to another."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores
from emp_plugins.rewards.language.text import sentences
from emp_plugins.rewards.language.words import FUNCTION_WORDS, GRAMMAR_WORDS, share, words

NEEDS: tuple[str, ...] = ()
SCORES_MALFORMED = False

CHARS_A_WORD = 9
"""More characters a word than any prose has; words glued together do not shorten a reply."""

MIN_FRAGMENTS = 6
"""With fewer fragments or words a reply is too short to be told from a list."""

MIN_PROSE = 15
"""From so many words on the share of grammar words is steady in anything that people write."""

_ITEM = re.compile(r"(?m)^[ \t>]*(?:[-*•–+]|#{1,6}|\(?\d{1,2}[.)])\s*\S|(?<=\s)\(?\d[.)]\s+(?=\S)")
_FRAGMENT = re.compile(r"[,;:/|\n•·…]|\.{2,}|\s[-–—+&]+\s|[.!?]")


class Params(BaseModel):
    """Parameters of ``brevity``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    too_short: int = Field(2, ge=0, description="So many words or fewer: -1.")
    min_words: int = Field(5, ge=1, description="From so many words on a reply is long enough.")
    max_words: int = Field(160, ge=1, description="Up to so many words it is short enough.")
    too_long: int = Field(360, ge=2, description="So many words or more: -1; midway: 0.")
    max_items: int = Field(2, ge=0, description="List items and headings that cost nothing.")
    item_cost: float = Field(0.4, ge=0, description="What each further item costs.")
    max_questions: int = Field(
        2, ge=0, description="Questions that cost nothing; one more for every two statements."
    )
    question_cost: float = Field(0.7, ge=0, description="What each further question costs.")
    short_fragments: float = Field(
        0.65, ge=0, lt=1, description="Share of words in fragments of up to 4 that costs nothing."
    )
    function_words: float = Field(
        0.2, ge=0, le=1, description="Share of words like `the`, `you`, `is` that prose has."
    )
    grammar_words: float = Field(
        0.13, ge=0, le=1, description="Share of articles, prepositions, auxiliaries it has."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Params:
        bounds = (self.too_short, self.min_words, self.max_words, self.too_long)
        if not bounds[0] < bounds[1] <= bounds[2] < bounds[3]:
            raise ValueError("too_short < min_words <= max_words < too_long does not hold")
        return self


def floor(params: Params) -> float:
    """The lowest value, -1."""
    return -1.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores length and form, in [-1, 1]; 1 is a few sentences.

    length: 1 from ``min_words`` to ``max_words``, falling on both sides as ``1 - 2 s(t)`` with
    ``s(t) = 3 t^2 - 2 t^3``, t running from 0 to 1 at ``too_short`` and ``too_long``. lists: what
    bullets, numbers and headings over ``max_items`` cost. questions: what a stack of them costs,
    counted over ``max_questions`` plus half the number of statements. keywords: 0 for prose, 2 for
    words without sentences, by the worst of three signs: short fragments (counted from
    ``MIN_FRAGMENTS`` on); missing function words (from as many words on); and, since lists of set
    phrases hold many of those, missing articles, prepositions, conjunctions and auxiliaries (from
    ``MIN_PROSE`` words on). Value: ``length - lists - questions - keywords``, not below -1.

    Of the short human replies to distressed strangers that this was measured on, one in twenty
    falls below .9, most of them for more than 180 words.

    Args:
        batch: The replies.
        params: Bounds and costs.
        template: Not used.

    Returns:
        One value a reply; ``words`` and the four terms as parts.
    """
    names = ("words", "length", "lists", "questions", "keywords")
    parts: dict[str, list[float]] = {name: [] for name in names}
    for reply in batch.replies:
        found = words(reply)
        parts["words"].append(float(len(found)))
        parts["length"].append(_length(max(len(found), len(reply) / CHARS_A_WORD), found, params))
        items = len(_ITEM.findall(reply)) - params.max_items
        parts["lists"].append(params.item_cost * max(0, items))
        parts["questions"].append(_questions(reply, params))
        parts["keywords"].append(_keywords(reply, found, params))
    values = [
        max(-1.0, length - sum(costs))
        for length, *costs in zip(*(parts[name] for name in names[1:]), strict=True)
    ]
    return Scores(values, parts)


def _length(size: float, found: list[str], params: Params) -> float:
    short = (params.min_words - len(found)) / (params.min_words - params.too_short)
    long = (size - params.max_words) / (params.too_long - params.max_words)
    return 1 - 2 * _smooth(max(short, long))


def _questions(reply: str, params: Params) -> float:
    texts = [text for text in sentences(reply) if words(text)]
    asked = sum(text.rstrip("\"')*_ ").endswith("?") for text in texts)
    allowed = params.max_questions + (len(texts) - asked) // 2
    return params.question_cost * max(0, asked - allowed)


def _keywords(reply: str, found: list[str], params: Params) -> float:
    sizes = [len(words(piece)) for piece in _FRAGMENT.split(reply)]
    sizes = [size for size in sizes if size]
    cost = 0.0
    if len(sizes) >= MIN_FRAGMENTS:
        short = sum(size for size in sizes if size <= 4) / sum(sizes)
        cost = 2 * (short - params.short_fragments) / (0.9 - params.short_fragments)
    if len(found) >= MIN_FRAGMENTS and params.function_words:
        cost = max(cost, 4 * (1 - share(found, FUNCTION_WORDS) / params.function_words))
    if len(found) >= MIN_PROSE and params.grammar_words:
        cost = max(cost, 6 * (1 - share(found, GRAMMAR_WORDS) / params.grammar_words))
    return min(2.0, max(0.0, cost))


def _smooth(t: float) -> float:
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)
