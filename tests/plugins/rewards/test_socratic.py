"""Reflection and one open question over advice, information and question stacks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.rewards import make

CLIENT = "I keep saying yes to everybody and then I hate them for asking."
REFLECTION = "It sounds like a yes costs you more than anyone sees."
QUESTION = "What would a no cost you?"
ADVICE = "You should set clear boundaries and write them down."
INFORMATION = "Research shows that assertive people are healthier."


def value(reply, **params):
    return make("socratic", answer="whole", **params)([CLIENT], [reply])[0]


@pytest.mark.parametrize(
    ("reply", "low", "high"),
    [
        (f"{REFLECTION} {QUESTION}", 1.0, 1.0),
        (REFLECTION, 0.6, 0.6),  # no question costs nothing
        (QUESTION, 0.4, 0.4),
        (f"{REFLECTION} Is it worse at work?", 0.8, 0.8),  # a closed question earns half
        ("My day was fine.", 0.0, 0.0),
        (ADVICE, -0.8, -0.8),
        (f"Try to say no once a day. {ADVICE} Stop being so available.", -0.8, -0.8),
        (INFORMATION, -0.5, -0.5),
        ("Have you tried saying no?", -0.7, -0.3),  # advice with a question mark
        (f"{QUESTION} Who asks most? When did it start? Why do you think so?", -1.0, -0.5),
    ],
)
def test_table(reply, low, high):
    assert low - 1e-9 <= value(reply) <= high + 1e-9


def test_order_of_styles():
    replies = [
        f"{REFLECTION} {QUESTION}",
        f"{REFLECTION} {QUESTION} {ADVICE}",
        ADVICE,
        f"{QUESTION} {QUESTION} {QUESTION} {QUESTION} {QUESTION}",
    ]
    values = [value(reply) for reply in replies]
    assert values == sorted(values, reverse=True) and len(set(values)) == 4


def test_a_second_reflection_pays_nothing_more():
    assert value(f"{REFLECTION} {REFLECTION} {QUESTION}") == value(f"{REFLECTION} {QUESTION}")


def test_costs_can_be_switched_off():
    assert value(ADVICE, advice=0) == 0.0


@given(st.text(max_size=200))
def test_any_text_gets_a_number_between_the_bounds(text):
    assert -1.0 <= value(text) <= 1.0
