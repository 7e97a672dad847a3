import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.client import (
    draw_client,
    draw_risk,
    risk_share,
    state_after,
    target_axis,
)
from emp_datagen.personas import SPLITS, load
from emp_plugins import judges
from emp_plugins.rewards.client import read
from emp_plugins.safety import risk_level

PERSONAS = load()
personas = st.sampled_from(PERSONAS)
seeds = st.integers(0, 2**32).map(random.Random)
axes = st.lists(st.floats(-4, 4), min_size=4, max_size=4)


@given(personas, seeds, st.sampled_from([*SPLITS, "all"]), st.integers(0, 4), st.integers(1, 5))
def test_messages(persona, rng, split, risk, turns):
    client = draw_client(persona, split, rng, risk, turns)
    assert len(client.turns) == turns and client.risk == risk
    assert client.situation in persona.situations_of(split)
    assert client.situation.text in client.turns[0].text
    assert sum(turn.risk > 0 for turn in client.turns) == (risk > 0)
    needs = client.situation.needs
    assert needs is None or any(
        p.occupation == client.user["occupation"] and needs in p.roles for p in persona.demographics
    )
    said = [item.text for item in (*persona.symptoms, *persona.thoughts)]
    whole = " ".join(turn.text for turn in client.turns)
    assert all(whole.count(text) <= 1 for text in said)  # nothing is told twice


def test_a_disclosure_is_read_as_risk_in_its_message():
    """By one of the two readers; a few coded ones are too quiet for both."""
    rngs = map(random.Random, range(600))
    drawn = [
        draw_client(PERSONAS[n % len(PERSONAS)], "all", rng, 2 + n % 3)
        for n, rng in enumerate(rngs)
    ]
    texts = [client.turns[0].text for client in drawn]
    judged = read(texts, judges.load("risk").score(texts))
    seen = [max(one.level, risk_level(text)) for one, text in zip(judged, texts, strict=True)]
    assert statistics.mean(level >= 2 for level in seen) > 0.95


def test_without_a_disclosure_none_is_read():
    rngs = map(random.Random, range(600))
    drawn = [draw_client(PERSONAS[n % len(PERSONAS)], "all", rng) for n, rng in enumerate(rngs)]
    assert statistics.mean(risk_level(c.turns[0].text) >= 2 for c in drawn) < 0.01


@given(personas, seeds, st.lists(axes, min_size=1, max_size=4))
def test_states(persona, rng, read):
    client = draw_client(persona, "all", rng, turns=len(read))
    state = state_after(client, read)
    assert len(state.history) == len(client.past) + len(read)
    assert all(-1 <= value <= 1 for value in (*state.affect, *state.history))
    assert all(round(value, 2) == value for value in state.affect)
    assert target_axis(state) in ("introspection", "temper", "attitude", "sensitivity")


def test_the_reading_and_the_persona_both_count():
    persona = next(p for p in PERSONAS if p.key == "mdd")

    def mean(read):
        rngs = map(random.Random, range(300))
        drawn = [state_after(draw_client(persona, "all", rng), [read]).affect for rng in rngs]
        return [statistics.mean(axis) for axis in zip(*drawn, strict=True)]

    calm, angry = mean([0, 0, 0, 0]), mean([0, -1, 0, 0])
    assert min(calm) == calm[0] < -0.3  # depression lowers introspection most
    assert angry[1] < calm[1] - 0.2


def test_good_replies_ease_the_axis_in_deficit():
    client = draw_client(PERSONAS[0], "all", random.Random(1), turns=4)
    early, late = (state_after(client, [[0.0] * 4] * n) for n in (1, 4))
    assert min(late.affect) > min(early.affect)


def test_personas_disclose_about_as_often_as_they_say():
    for persona in PERSONAS:
        rng = random.Random(persona.key)
        share = statistics.mean(draw_risk(persona, rng) >= 2 for _ in range(2000))
        assert share == pytest.approx(risk_share(persona), abs=0.04)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_risk_share(share):
    rng = random.Random(1)
    risks = [draw_risk(persona, rng, share) for _ in range(200) for persona in PERSONAS]
    assert statistics.mean(risk >= 2 for risk in risks) == pytest.approx(share, abs=0.03)
