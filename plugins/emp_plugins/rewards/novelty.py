"""Whether a reply says something of its own, once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores
from emp_plugins.rewards.language.overlap import (
    copied_share,
    jaccard,
    near_duplicates,
    repeated_share,
    verbatim_share,
)
from emp_plugins.rewards.language.text import sentences
from emp_plugins.rewards.language.words import stem, words

NEEDS: tuple[str, ...] = ()
SCORES_MALFORMED = False

TERMS = ("client", "itself", "reasoning", "group")

OPENING = 3
"""Words in common that make two sentences open alike."""

_FRAME = re.compile(
    r"\b(?:so |and |well,? )*(?:what )?(?:you|i)(?:'ve|'re| have| are| were| just| also)* "
    r"(?:said|wrote|say|saying|telling me|told me|mentioned|shared|posted|describ(?:e|ed|ing))"
    r"(?: (?:to me|that|is|was|this|here|how))*\b"
    r"|\b(?:in|to use) your (?:own )?words\b|\bas you (?:say|said|put it|wrote|told me)\b"
    r"|\bi hear (?:that |you say(?:ing)? )?(?:you\b)?|\btell me more\b|\bgo on\b"
    r"|\b(?:it |that )?(?:sounds|seems|feels) (?:like|as if|as though|that)\b"
    r"|\bi (?:can )?(?:understand|see|know|get|gather)(?: that| how)?\b"
    r"|\byou (?:feel|think|believe|mean) (?:that|like|as if|as though)\b"
)
_APOLOGY = re.compile(r"\b(?:sorry|apolog\w+|forgive|pardon|regret to)\b")
_VALIDATION = re.compile(
    r"\bvalid(?:ity|ate[sd]?)?\b|\bunderstandable\b|\bmakes? (?:\w+ )?sense\b|\blegitimate\b"
    r"|\b(?:okay|ok|alright|normal|natural|human|right) to (?:feel|be feeling)\b"
)
_THIRD_PERSON = re.compile(r"\b(?:the|this|our) (?:user|client|patient|speaker)(?:'s)?\b")


class Params(BaseModel):
    """Parameters of ``novelty``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    copied: float = Field(
        0.4, ge=0, le=1, description="Share of the client's own words that a long reply may hold."
    )
    copied_short: float = Field(
        1.1, ge=0, description="Added to it for a reply of one content word; half of it for two."
    )
    repeated: float = Field(
        0.06, ge=0, le=1, description="Share of itself that a reply may say again."
    )
    repeats: int = Field(
        2, ge=1, description="Apologies, and sentences that validate, that cost nothing."
    )
    copied_reasoning: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Share of the reasoning's words that the answer may hold; 1 where a model "
        "drafts its answer while it thinks.",
    )
    group: float = Field(
        0.0,
        ge=0,
        le=2,
        description="Cost of the same reply to the same prompt twice in a batch; 0 keeps a value "
        "independent of the other replies.",
    )


def floor(params: Params) -> float:
    """The lowest value, -1."""
    return -1.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores originality, in [-1, 1]; 1 is own words, said once.

    Value: ``1 - max(costs)``, each cost in [0, 2]:

    - client: the share of the reply that aligns with the client's words, pronouns swapped, endings
      and common synonyms unified, phrases such as "you said that" left out. Free up to ``copied +
      copied_short / w`` for a reply of w content words, so that a short reflection costs nothing;
      2 from 0.15 above that.
    - itself: repeated runs of four words and nearly equal sentences, free up to ``repeated``, 2
      from 0.25 above; sentences that open alike; more than ``repeats`` apologies or validations.
    - reasoning: the share of the answer that stands in the reasoning word by word in runs of five,
      free up to ``copied_reasoning``, 2 from 0.3 above; 2 for a label of the reasoning as a line of
      the answer; 1.5 for an answer that speaks about "the user".
    - group: ``group`` times how alike the nearest other reply to the same prompt is (Jaccard
      similarity of runs of three words, from 0.6 on).

    Of the short human replies to distressed strangers that this was measured on, one in a hundred
    falls below .9.

    Args:
        batch: The replies.
        params: What is free.
        template: Labels of the reasoning's lines.

    Returns:
        One value a reply; the four costs as parts; the term that cost most as note.
    """
    labels = _labels(template)
    parts: dict[str, list[float]] = {
        "client": [
            _client(*pair, params) for pair in zip(batch.clients, batch.replies, strict=True)
        ],
        "itself": [_itself(reply, params) for reply in batch.replies],
        "reasoning": [
            _reasoning(completion.reasoning or "", reply, labels, params)
            for completion, reply in zip(batch.completions, batch.replies, strict=True)
        ],
        "group": _group(batch, params),
    }
    rows = list(zip(*(parts[name] for name in TERMS), strict=True))
    notes = [TERMS[row.index(max(row))] if max(row) else "" for row in rows]
    return Scores([1 - max(row) for row in rows], parts, {"copies": notes})


def _cost(share: float, free: float, width: float) -> float:
    return 2 * min(1.0, max(0.0, (share - free) / width))


def _client(client: str, reply: str, params: Params) -> float:
    own = _FRAME.sub(" ", _straight(reply))
    share, weight = copied_share(client, own if words(own) else reply)
    return _cost(share, params.copied + params.copied_short / max(1.0, weight), 0.15)


def _itself(reply: str, params: Params) -> float:
    texts = [sentence for sentence in sentences(_straight(reply)) if words(sentence)]
    rows = [[stem(word) for word in words(text)] for text in texts]
    again = max(near_duplicates(rows), repeated_share(reply))
    apologies = sum(len(_APOLOGY.findall(text)) for text in texts)
    validations = sum(bool(_VALIDATION.search(text)) for text in texts)
    over = max(apologies, validations) - params.repeats
    return max(_cost(again, params.repeated, 0.25), _alike(rows), min(2.0, 0.8 * max(0, over)))


def _alike(rows: Sequence[Sequence[str]]) -> float:
    """Cost of sentences that open alike; three in a row are a figure of speech, most are a loop."""
    openings = Counter(tuple(row[:OPENING]) for row in rows if len(row) >= OPENING)
    most = max(openings.values(), default=0)
    return _cost(most / max(1, len(rows)), 0.5, 0.4) if most > 3 else 0.0


def _labels(template: Template) -> re.Pattern[str] | None:
    if not template.fields:
        return None
    listed = "|".join(re.escape(label.lower()) for label in template.fields)
    return re.compile(rf"(?m)(?:^|[.!?*\-•]\s*)\W*(?:{listed})\W{{0,3}}:")


def _reasoning(reasoning: str, reply: str, labels: re.Pattern[str] | None, params: Params) -> float:
    low = _straight(reply)
    if labels and labels.search(low):
        return 2.0
    cost = _cost(verbatim_share(reasoning, reply), params.copied_reasoning, 0.3)
    return max(cost, 1.5 if _THIRD_PERSON.search(low) else 0.0)


def _group(batch: Batch, params: Params) -> list[float]:
    if not params.group:
        return [0.0] * len(batch)
    runs = []
    for reply in batch.replies:
        found = [stem(word) for word in words(reply)]
        runs.append(frozenset(zip(found, found[1:], found[2:], strict=False)) or frozenset(found))
    costs = []
    for row, group in enumerate(batch.groups):
        others = [k for k, other in enumerate(batch.groups) if other == group and k != row]
        nearest = max((jaccard(runs[row], runs[other]) for other in others), default=0.0)
        costs.append(params.group * min(1.0, max(0.0, (nearest - 0.6) / 0.4)))
    return costs


def _straight(text: str) -> str:
    return text.replace("\u2019", "'").lower()
