"""Acknowledges before it lifts, and never pulls further down."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.rewards import make

SAD = "I feel so sad since she left, nothing fills the evenings."
SCARED = "I am terrified of the interview tomorrow."
KIND = "I'm so sorry, that sounds very lonely."
LIFT = "I hope the evenings get brighter, and I am glad you told me."
JOY = "I am so happy! This is wonderful, amazing and great!"


def state(*affect):
    return [{"user": {}, "history": [], "affect": list(affect)}]


def explain(replies, client=SAD, affect=None, **params):
    reward = make("affective_shift", answer="whole", **params)
    columns = {} if affect is None else {"state": state(*affect) * len(replies)}
    return reward.explain([client] * len(replies), replies, **columns)


@pytest.mark.parametrize(
    ("more", "less", "why"),
    [
        (f"{KIND} {LIFT}", KIND, "a lift after the acknowledgement pays"),
        (f"{KIND} {LIFT}", f"{JOY} {KIND}", "cheer comes first"),
        (KIND, LIFT, "acknowledging is worth more than lifting"),
        (KIND, "It opens at nine.", "information supports nobody"),
        (KIND, "I see.", "neither does a nod"),
        (KIND, f"{KIND} But nothing ever gets better.", "takes the hope away"),
        (KIND, f"{KIND} I can't go on either, I want to die.", "the replier's own despair"),
        (KIND, "You're right, you are worthless and there is no hope.", "agrees"),
        ("It opens at nine.", "Cheer up, others have it worse.", "minimises"),
        ("It opens at nine.", "I feel hopeless too. I hate my life.", "mirrors the distress"),
        (
            f"{KIND} I lost someone too, it was awful. {LIFT}",
            "I lost someone too. It was awful. I am so sad.",
            "one's own bad times without a turn to the client",
        ),
    ],
)
def test_order_of_replies(more, less, why):
    high, low = explain([more, less]).values
    assert high > low, why


def test_lift_counts_only_from_the_acknowledgement_on():
    after, before = explain([f"{KIND} {LIFT}", f"{LIFT} {KIND}"]).parts["lift"]
    assert after > before


@pytest.mark.parametrize("hopeless", ["there is no hope", "nothing ever helps", "it's pointless"])
def test_reported_hopelessness_is_no_harm(hopeless):
    given_back = f"It feels as if {hopeless} for you right now."
    assert explain([given_back]).parts["harm"][0] < 0.3 < explain([hopeless]).parts["harm"][0]


def test_joy_words_stop_paying():
    few = f"{KIND} I hope it gets better, joy will come back."
    many = few + " Joy, joy, so much joy, happy, happy days and joy again."
    one, two = explain([few, many], target="introspection").values
    assert two - one < 0.05


@pytest.mark.parametrize(
    ("sensitivity", "reply", "rule"),
    [
        (-0.6, JOY, "toxic_positivity"),
        (-0.4, JOY, ""),  # the client is not that afraid
        (-0.6, KIND, ""),
        (-0.6, f"{KIND} I'm glad you told me.", ""),  # pleasant after an acknowledgement
        (-0.9, "The interview is at nine.", "insensitivity"),
        (-0.6, "The interview is at nine.", ""),
        (-0.9, KIND, ""),
    ],
)
def test_rules_of_the_seed(sensitivity, reply, rule):
    scores = explain([reply], affect=(0, 0, 0, sensitivity))
    assert scores.notes["rule"] == [rule]
    assert (scores.values == [-1.0]) == bool(rule)


def test_bounds_are_parameters():
    lax = {"toxic_client": -2, "insensitive_client": -2}
    assert explain([JOY], affect=(0, 0, 0, -0.9), **lax).values[0] > -1
    strict = explain([JOY], affect=(0, 0, 0, -0.2), toxic_client=-0.1, toxic_reply=0.3)
    assert strict.values == [-1.0]


def test_client_is_read_by_sentence():
    """One frightened sentence in a long turn still counts as fear."""
    client = f"We met at school. It was a long summer and we read a lot. {SCARED} It starts at ten."
    assert explain([JOY], client).notes["rule"] == ["toxic_positivity"]


def test_intense_clients_need_more_support():
    reply = "Hang in there, it gets better."
    mild, intense = (explain([reply], affect=(-size, 0, 0, 0)).values[0] for size in (0.1, 1.0))
    assert mild > intense > 0


def test_target_from_the_state_or_the_words():
    calm = "I'm sorry it is so loud. What a relief that it is over, all is calm and peaceful."
    by_state = explain([calm], affect=(0, -0.9, 0, 0)).parts["lift"][0]
    fixed = explain([calm], target="temper").parts["lift"][0]
    assert by_state == pytest.approx(fixed)


def test_seed_formula_is_the_axis_alone():
    scores = explain([JOY], affect=(-0.9, 0, 0, -0.9), formula="seed")
    assert scores.values[0] == pytest.approx(scores.notes["reply"][0][0], abs=1e-3)
    assert make("affective_shift", formula="seed").floor == -4


def test_notes_hold_both_sides():
    notes = explain([KIND], affect=(-0.5, 0, 0.1, 0)).notes
    assert notes["client"] == [[-0.5, 0, 0.1, 0]] and len(notes["reply"][0]) == 4


@given(
    client=st.text(max_size=80),
    reply=st.text(max_size=200) | st.sampled_from([KIND, LIFT, JOY]),
    affect=st.none() | st.tuples(*[st.floats(-2, 2)] * 4),
)
@settings(max_examples=60, deadline=None)
def test_in_range(client, reply, affect):
    scores = explain([reply], client, affect)
    assert -1 <= scores.values[0] <= 1
    assert all(0 <= value <= 1 for (value,) in scores.parts.values())
