import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.client import draw_client, draw_state, target_axis
from emp_datagen.personas import SPLITS, load
from emp_plugins.safety import risk_level

PERSONAS = load()
personas = st.sampled_from(PERSONAS)
seeds = st.integers(0, 2**32).map(random.Random)
axes = st.lists(st.floats(-4, 4), min_size=4, max_size=4)


@given(personas, seeds, st.sampled_from([*SPLITS, "all"]))
def test_messages(persona, rng, split):
    client = draw_client(persona, split, rng)
    assert client.situation in persona.situations_of(split)
    assert client.situation.text in client.message
    assert 1 <= sum(client.message.count(mark) for mark in ".!?") <= 3
    assert (risk_level(client.message) >= 2) == (client.risk >= 2)
    needs = client.situation.needs
    assert needs is None or any(
        p.occupation == client.user["occupation"] and needs in p.roles for p in persona.demographics
    )


@given(personas, seeds, axes)
def test_states(persona, rng, read):
    client = draw_client(persona, "all", rng)
    state = draw_state(client, read, rng)
    assert len(state.history) == client.turn
    assert all(-1 <= value <= 1 for value in (*state.affect, *state.history))
    assert all(round(value, 2) == value for value in state.affect)
    assert target_axis(state) in ("introspection", "temper", "attitude", "sensitivity")


def test_the_reading_and_the_persona_both_count():
    persona = next(p for p in PERSONAS if p.key == "mdd")

    def mean(read):
        drawn = []
        for seed in range(300):
            rng = random.Random(seed)
            drawn.append(draw_state(draw_client(persona, "all", rng), read, rng).affect)
        return [statistics.mean(axis) for axis in zip(*drawn, strict=True)]

    calm, angry = mean([0, 0, 0, 0]), mean([0, -1, 0, 0])
    assert min(calm) == calm[0] < -0.3  # depression lowers introspection most
    assert angry[1] < calm[1] - 0.2


def test_about_an_eighth_is_at_risk():
    rng = random.Random(0)
    risks = [draw_client(p, "train", rng).risk for _ in range(1500) for p in PERSONAS]
    assert 0.09 < sum(risk >= 2 for risk in risks) / len(risks) < 0.15


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_risk_share(share):
    rng = random.Random(1)
    risks = [draw_client(p, "train", rng, share).risk for _ in range(1000) for p in PERSONAS]
    assert sum(risk >= 2 for risk in risks) / len(risks) == pytest.approx(share, abs=0.03)
