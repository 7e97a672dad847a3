"""Whether a reply moves the client's affect where it is in deficit."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from emp_plugins.affect import hourglass
from emp_plugins.completion import Template
from emp_plugins.rewards.batch import Batch, Scores
from emp_plugins.rewards.language.text import sentences
from emp_plugins.rewards.shift import Shift, shift

NEEDS = ("emotion",)
COLUMNS = ("state",)
SCORES_MALFORMED = False

SEED_BOUND = 4.0
"""More than any axis of the default matrix can sum to."""

SENSITIVITY = hourglass.AXES.index("Sensitivity")

FELT = -0.1
"""A sentence of the client's below this on an axis shows a deficit there."""


class Params(BaseModel):
    """Parameters of ``affective_shift``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, description="Weight in the total.")
    target: Literal["deficit", "introspection", "temper", "attitude", "sensitivity"] = Field(
        "deficit", description="deficit: the client's lowest axis; or one axis for all."
    )
    formula: Literal["acknowledge_then_lift", "seed"] = Field(
        "acknowledge_then_lift", description="seed: the reply's own value on the target axis."
    )
    lift: float = Field(0.3, ge=0, le=1, description="Share of the lift; the rest acknowledges.")
    enough: float = Field(
        0.25, gt=0, description="Lift on the axis from which on more pays nothing."
    )
    mild: float = Field(
        0.7,
        gt=0,
        le=1,
        description="Support that is enough for a client without emotion; the most intense need 1.",
    )
    harm: float = Field(1.5, ge=0, le=4, description="Penalty of pulling the client further down.")
    toxic_client: float = Field(
        -0.5, description="Toxic positivity: client's sensitivity below this"
    )
    toxic_reply: float = Field(0.5, description="while the reply's polarity is above this.")
    insensitive_client: float = Field(-0.7, description="Insensitivity: client's sensitivity below")
    insensitive_support: float = Field(0.5, description="this while support is below this.")


def floor(params: Params) -> float:
    """The lowest value: -1, or -4 for the seed's formula."""
    return -SEED_BOUND if params.formula == "seed" else -1.0


def score(batch: Batch, params: Params, template: Template) -> Scores:
    """Scores in [-1, 1]: acknowledges first, then lifts the axis in deficit.

    ``support`` in [0, 1] is ``join(reactions, 0.7 * understanding)``: the reactions of the
    ``empathy`` reward, and the strongest phrase that names or understands what the client feels.

    ``lift`` in [0, 1] is the highest over the sentences of ``min(e / enough, 1)``, e the sentence's
    value on the target axis (or of a phrase of hope, comfort or praise), times the acknowledgement
    reached by then. So cheer before any acknowledgement lifts nothing, and more joy words stop
    paying.

    ``value = met * (1 - lift_share) + lift_share * lift - harm_weight * harm``, clipped to
    [-1, 1], with ``met = min(support / expected, 1)`` and ``expected = mild + (1 - mild) *
    intensity``, intensity the client's largest absolute axis up to 1: an intense client needs more.

    ``harm`` in [0, 1] is the strongest of the replier's own despair, agreement with hopelessness
    (``harm.yml``), and the fall on Introspection or Sensitivity of a sentence in which the
    replier speaks of themselves alone: support that pulls the client further down. It is 1 where
    the replier's own distress takes the reply over: half of the sentences speak of them alone and
    a third tell of distress.

    Two rules of the seed give -1. Toxic positivity: the client's sensitivity below ``toxic_client``
    and the reply's polarity above ``toxic_reply``; that of the whole reply, or of one sentence as
    far as nothing acknowledged by then. Insensitivity: the client's sensitivity below
    ``insensitive_client`` and support below ``insensitive_support``.

    The client's axes are the ``state`` column's. Without it they are read by sentence: the lowest
    sentence where one lies below -0.1, else the highest. A judge of probabilities seldom reaches
    the seed's bounds on a whole turn: on posts of 20 to 100 words the embedded one puts one in a
    hundred below -0.5 that way and five in a hundred by sentence.

    ``formula: seed`` is the whole reply's e on the target axis alone, clipped to [-4, 4], with no
    rule.

    Args:
        batch: The replies; the client's affect comes from the ``state`` column or their words.
        params: Formula and bounds.
        template: Not used.

    Returns:
        One value a reply; support, lift, harm, intensity and the two rules as parts; as notes the
        axes of client and reply, and the rule that fired, empty where none did.
    """
    client = _client(batch)
    axes = _targets(client, params.target)
    whole = hourglass.dimensions(batch.judge("emotion")(batch.replies), batch.matrix)
    notes = {"client": client.round(3).tolist(), "reply": whole.round(3).tolist()}
    if params.formula == "seed":
        on_axis = np.clip(whole[np.arange(len(batch)), axes], -SEED_BOUND, SEED_BOUND)
        return Scores(on_axis.tolist(), {}, notes)
    terms = [
        shift(evidence, warmth.value, emotions, dims, batch.matrix, axis, params.enough)
        for evidence, warmth, emotions, dims, axis in zip(
            batch.evidence, batch.reactions, batch.sentence_emotions, whole, axes, strict=True
        )
    ]
    return _weigh(client, terms, params, notes)


def _weigh(client: np.ndarray, terms: list[Shift], params: Params, notes: dict) -> Scores:
    support, lift, harm, polarity = (
        np.array([getattr(term, name) for term in terms])
        for name in ("support", "lift", "harm", "polarity")
    )
    intensity = np.clip(np.abs(client).max(axis=1), 0, 1)
    met = np.minimum(support / (params.mild + (1 - params.mild) * intensity), 1)
    values = met * (1 - params.lift) + params.lift * lift - params.harm * harm
    sensitivity = client[:, SENSITIVITY]
    toxic = (sensitivity < params.toxic_client) & (polarity > params.toxic_reply)
    insensitive = (sensitivity < params.insensitive_client) & (support < params.insensitive_support)
    values = np.where(toxic | insensitive, -1.0, np.clip(values, -1, 1))
    parts = {
        "support": support,
        "lift": lift,
        "harm": harm,
        "intensity": intensity,
        "toxic": toxic,
        "insensitive": insensitive,
    }
    fired = np.select([toxic, insensitive], ["toxic_positivity", "insensitivity"], default="")
    return Scores(
        values.tolist(),
        {name: part.astype(float).tolist() for name, part in parts.items()},
        {**notes, "rule": fired.tolist()},
    )


def _client(batch: Batch) -> np.ndarray:
    """The clients' axes, (N, 4): from the ``state`` column, else by sentence."""
    axes = batch.client_affect.copy()
    states = batch.columns.get("state") or [None] * len(batch)
    unread = [row for row, state in enumerate(states) if not (state and state.get("affect"))]
    if not unread:
        return axes
    texts = [sentences(batch.clients[row]) for row in unread]
    scores = batch.judge("emotion")([text for found in texts for text in found])
    ends = np.cumsum([len(found) for found in texts])
    for row, found in zip(unread, np.split(scores, ends[:-1]), strict=True):
        dims = hourglass.dimensions(found, batch.matrix)
        low, high = dims.min(axis=0), dims.max(axis=0)
        axes[row] = np.where(low < FELT, low, high)
    return axes


def _targets(client: np.ndarray, target: str) -> np.ndarray:
    if target == "deficit":
        return hourglass.deficit(client)
    axis = [name.lower() for name in hourglass.AXES].index(target)
    return np.full(len(client), axis)
