"""Whether a reply keeps the tone that a client in distress can bear."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from emp_plugins.affect import hourglass
from emp_plugins.completion import Template
from emp_plugins.patterns import Patterns, first, split
from emp_plugins.rewards.batch import Batch, Scores
from emp_plugins.rewards.language.text import SUPPORT
from emp_plugins.rewards.language.words import words

NEEDS = ("emotion", "sentiment")
SCORES_MALFORMED = False

REJECT_ABOVE = 0.99
"""The seed's: a reply that the judge finds negative beyond this is rejected."""

_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
_CARING_EMOJI = re.compile("[\u2764\U0001f494\U0001f499-\U0001f49c\U0001f917\U0001f622\U0001fac2]")


class Params(BaseModel):
    """Parameters of ``tone``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    enough: float = Field(
        -0.65, gt=-1, le=1, description="Supportive minus negative from which on the value is 1."
    )
    harsh: float = Field(
        -0.95, ge=-1, lt=1, description="Supportive minus negative at which the value is -1."
    )
    reject_above: float | None = Field(
        None, gt=0, le=1, description="Negative share that gives -1; the judge's own by default."
    )
    distress: float = Field(
        0.4, description="A client whose polarity is below this is in no mood for cheer."
    )
    exclamations: int = Field(4, ge=0, description="Exclamation marks and emoji that cost nothing.")
    joy: float = Field(0.12, ge=0, le=1, description="Share of joy words that costs nothing.")

    @model_validator(mode="after")
    def _ordered(self) -> Params:
        if not self.harsh < self.enough:
            raise ValueError("harsh < enough does not hold")
        return self


@dataclass(frozen=True)
class Rule:
    """One row of ``tone.yml``.

    Attributes:
        name: Its key.
        cost: What one hit takes from the value.
        pattern: What it looks like.
    """

    name: str
    cost: float
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Table:
    """What ``tone.yml`` holds.

    Attributes:
        harsh: Rules for any client.
        cheer: Rules for a client in distress.
        reported: Sentences that tell what others say.
        joy: A word of joy.
    """

    harsh: tuple[Rule, ...]
    cheer: tuple[Rule, ...]
    reported: re.Pattern[str]
    joy: re.Pattern[str]


@dataclass(frozen=True)
class Found:
    """What one sentence holds.

    Attributes:
        harsh: Rules for any client that hit.
        cheer: Rules for a client in distress that hit.
        reported: Whether it tells what others say.
    """

    harsh: tuple[Rule, ...]
    cheer: tuple[Rule, ...]
    reported: bool


def floor(params: Params) -> float:
    """The lowest value, -1."""
    return -1.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores manners, in [-1, 1]; 1 is nothing to object to, not warmth, which ``empathy`` pays.

    sentiment: the judge's supportive minus negative share, averaged over sentences by length and
    over the whole reply, the better of both, mapped from ``harsh`` (-1) to ``enough`` (1) and
    saturating. A sentence that offers sympathy counts as neutral at worst: judges read "I'm so
    sorry" as negative. A reply whose negative share is above ``reject_above`` gets -1 outright,
    unless it offers sympathy. rules: what insults, orders to feel otherwise, belittling and
    moralising cost (``tone.yml``). cheer: for a client in distress, what slogans of positivity,
    exclamation marks and emoji over ``exclamations`` and a share of joy words over ``joy`` cost.
    Value: ``sentiment - rules - cheer``, not below -1.

    Args:
        batch: The replies; the client's affect comes from the ``state`` column or their words.
        params: Bounds and costs.
        template: Not used.

    Returns:
        One value a reply; the three terms and ``rejected`` as parts; the rules that hit as note.
    """
    sentiment, rejected = _sentiment(batch, params)
    distressed = hourglass.polarity(batch.client_affect) < params.distress
    rules, cheer, notes = [], [], []
    for texts, unhappy in zip(batch.sentences, distressed, strict=True):
        low = [text.replace("\u2019", "'").lower() for text in texts]
        found = [_found(text) for text in low]
        hits = [rule for row in found if not row.reported for rule in row.harsh]
        slogans = [rule for row in found for rule in row.cheer] if unhappy else []
        rules.append(float(sum(rule.cost for rule in hits)))
        cheer.append(_cheer(" ".join(low), slogans, params) if unhappy else 0.0)
        notes.append([rule.name for rule in [*hits, *slogans]])
    values = np.maximum(-1.0, sentiment - np.array(rules) - np.array(cheer))
    values[rejected] = -1.0
    parts = {
        "sentiment": sentiment.tolist(),
        "rules": rules,
        "cheer": cheer,
        "rejected": rejected.astype(float).tolist(),
    }
    return Scores(values.tolist(), parts, {"rules": notes})


def _sentiment(batch: Batch, params: Params) -> tuple[np.ndarray, np.ndarray]:
    judge = batch.loaded("sentiment")
    texts = [text for row in batch.sentences for text in row]
    shares = judge.score([*texts, *batch.replies])
    balance = shares[:, 0] - shares[:, 2]
    sorry = np.array([bool(SUPPORT.search(text.lower())) for text in [*texts, *batch.replies]])
    balance = np.where(sorry, np.maximum(balance, 0.0), balance)
    weights = np.array([max(1, len(words(text))) for text in texts], dtype=float)
    row = np.repeat(np.arange(len(batch)), [len(found) for found in batch.sentences])
    mean = np.bincount(row, weights * balance[: len(texts)], len(batch))
    mean /= np.maximum(1.0, np.bincount(row, weights, len(batch)))
    best = np.maximum(mean, balance[len(texts) :])
    limit = params.reject_above or getattr(judge, "reject_above", REJECT_ABOVE)
    rejected = (shares[len(texts) :, 2] > limit) & ~sorry[len(texts) :]
    span = params.enough - params.harsh
    return np.clip(2 * (best - params.harsh) / span - 1, -1.0, 1.0), rejected


def _cheer(low: str, slogans: list[Rule], params: Params) -> float:
    found = words(low)
    joy = sum(map(_joyful, found))
    loud = low.count("!") + len(_EMOJI.findall(low)) - len(_CARING_EMOJI.findall(low))
    cost = sum(rule.cost for rule in slogans) + 0.3 * max(0, loud - params.exclamations)
    if joy > 2:
        cost += 8 * max(0.0, joy / len(found) - params.joy)
    return min(2.0, cost)


@functools.lru_cache(maxsize=16_384)
def _joyful(word: str) -> bool:
    return bool(_table().joy.fullmatch(word))


def _found(text: str) -> Found:
    possible = _patterns().possible(text)
    hit = {name for name, alternatives in possible.items() if first(alternatives, text)}
    return Found(
        tuple(rule for rule in _table().harsh if ("harsh", rule.name) in hit),
        tuple(rule for rule in _table().cheer if ("cheer", rule.name) in hit),
        ("reported",) in hit,
    )


@functools.cache
def _patterns() -> Patterns:
    rows = _table()
    sources: dict[tuple[str, ...], list[str]] = {("reported",): split(rows.reported.pattern)}
    for kind, rules in (("harsh", rows.harsh), ("cheer", rows.cheer)):
        for rule in rules:
            sources[kind, rule.name] = split(rule.pattern.pattern)
    return Patterns(sources)


@functools.cache
def _table() -> Table:
    import yaml

    text = resources.files(__package__).joinpath("tone.yml").read_text(encoding="utf-8")
    rows = yaml.safe_load(text)
    kinds = {
        kind: tuple(
            Rule(name, row["cost"], re.compile("|".join(row["patterns"])))
            for name, row in rows[kind].items()
        )
        for kind in ("harsh", "cheer")
    }
    joy = re.compile("|".join(rows["joy"].split()))
    return Table(reported=re.compile(rows["reported"]), joy=joy, **kinds)
