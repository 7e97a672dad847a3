"""Length and form: what people write passes, what only fills or lists does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.errors import InputError
from emp_plugins.rewards import make

CLIENT = "I lie awake until four and then I dread the alarm."
SENTENCE = "It is a lot to carry when the nights are like that and nobody sees it. "


def value(reply, **params):
    return make("brevity", answer="whole", **params)([CLIENT], [reply])[0]


@pytest.mark.parametrize(
    "reply",
    [
        "im always here for you",  # the shortest that people write
        "That dread at four sounds brutal. What goes through your mind then?",
        "me too man, some weeks i barely sleep, it sucks and i'm sorry",  # no full stop
        SENTENCE * 8,  # about 130 words
        "Same. Ugh. I know it, I had years of it, and it did end for me. Hang on, ok?",  # fragments
        "1. I believe you. 2. You did nothing wrong.",  # two items are no list
        "Since when? What changed? I ask because I had the same thing once. It went away.",
        "Sorry to hear, sleep, dread, alarms, all of it is awful and I get it.",  # commas
    ],
)
def test_ordinary_replies_get_full_marks(reply):
    assert value(reply) >= 0.9


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Okay.",
        "Hugs, friend.",
        "…",
        SENTENCE * 30,  # hours of it
        "a" * 4000,  # one endless word
        "-".join(["word"] * 500),  # glued together
        "care, warmth, hope, trust, sleep, rest, dread, alarm, support",
        "warmth hope trust rest listening safety kindness validation support calm",  # no commas
        "hope and warmth and trust and rest and calm and support and validation",  # joined
        "sorry / so hard / I hear you / not alone / here for you / thank you / be well / hugs",
        "Hope. Warmth. Trust. So hard. Not alone. I hear you. Be well. Rest now.",
        "\n".join(f"- {thing} and be patient with it" for thing in ("Walk", "Eat", "Sleep") * 3),
        "Why? Since when? What helps you? Who knows? How was today? What do you want?",
    ],
)
def test_gaming_gets_the_floor_or_near_it(reply):
    assert value(reply) <= -0.4


def test_more_words_never_pay_beyond_enough():
    values = [value(SENTENCE * count) for count in (8, 12, 16, 20, 24, 40)]
    assert values == sorted(values, reverse=True) and values[-1] == -1.0


@given(st.text(max_size=300))
def test_any_text_gets_a_number_between_the_bounds(text):
    assert -1.0 <= value(text) <= 1.0


def test_bounds_move():
    assert value("Hugs, friend.", too_short=0, min_words=1) == 1.0
    assert value(SENTENCE * 40, max_words=900, too_long=1200) == 1.0


def test_bounds_in_the_wrong_order():
    with pytest.raises(InputError, match="too_short < min_words <= max_words < too_long"):
        make("brevity", max_words=500)
