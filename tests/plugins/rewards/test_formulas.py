"""What each formula pays for, in tables."""

import numpy as np
import pytest

from emp_plugins.affect.calibration import Calibration
from emp_plugins.completion import Template
from emp_plugins.rewards import make

CLIENT = "I am terrified of the interview tomorrow and my hands will not stop shaking."
FORM = Template().render(["work", "fear", "4", "calm"], "That sounds frightening.")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        (FORM, 1.0, 1.0),
        (FORM.replace("- Emotional content: fear\n", ""), 0.6, 0.79),  # one line missing
        ("<answer>That sounds frightening.</answer>", 0.1, 0.4),  # no reasoning
        ("That sounds frightening.", 0.0, 0.0),
        (FORM + FORM, 0.0, 0.45),  # stacked tags earn less than one pair
    ],
)
def test_structure(text, low, high):
    (value,) = make("structure")([CLIENT], [text])
    assert low <= value <= high


def test_structure_strict():
    reward = make("structure", formula="strict")
    assert reward([CLIENT] * 2, [FORM, FORM.replace("fear", "")]) == [1.0, 0.0]


def part(name, key, replies, **params):
    logged = {}
    make(name, answer="whole", **params)(
        [CLIENT] * len(replies), replies, log_metric=logged.__setitem__
    )
    return logged[f"{name}/{key}"]


@pytest.mark.parametrize(
    ("key", "more", "less"),
    [
        ("reactions", "I am so sorry, I care about you.", "The interview is at nine."),
        ("interpretations", "It sounds like you feel cornered.", "Wear a blue shirt."),
        ("explorations", "What frightens you most about it?", "Good luck with it."),
        ("explorations", "What frightens you most?", "Is it at nine?"),  # open over closed
        ("explorations", "What scares you?", "What? Why? Where? How? Who? When?"),  # stacks
    ],
)
def test_empathy_parts(key, more, less):
    assert part("empathy", key, [more]) > part("empathy", key, [less])


def test_similarity_copying_does_not_pay():
    related = "An interview that makes your hands shake sounds terrifying."
    values = make("semantic_similarity", answer="whole")([CLIENT] * 2, [related, CLIENT])
    assert values[0] > 0.5 > values[1]


def test_similarity_seed_pays_for_parroting():
    reward = make("semantic_similarity", answer="whole", formula="seed")
    related, parrot = reward([CLIENT] * 2, ["The interview sounds terrifying.", CLIENT])
    assert parrot > related


def test_shift_toxic_positivity():
    """Client's sensitivity below -0.5, reply's polarity above 0.5: the seed's rule."""
    joy = "I am so happy! This is wonderful, amazing and great!"
    state = [{"user": {}, "history": [], "affect": [0.0, 0.0, 0.0, -0.6]}]
    assert make("affective_shift", answer="whole")([CLIENT], [joy], state=state) == [-1.0]


def test_shift_insensitivity():
    """Client's sensitivity below -0.7 and no support: -1, as in the seed."""
    state = [{"user": {}, "history": [], "affect": [0.0, 0.0, 0.0, -0.9]}]
    reward = make("affective_shift", answer="whole")
    assert reward([CLIENT], ["The interview is at nine."], state=state) == [-1.0]
    kind = "I am so sorry, that sounds frightening."
    assert reward([CLIENT], [kind], state=state)[0] > 0


def test_shift_joy_words_saturate():
    reward = make("affective_shift", answer="whole", target="introspection")
    some = "I am sorry it is so hard. I am happy that you told me."
    more = some + " Happy, happy, joy, joy, I am so happy and full of joy."
    one, two = reward(["I feel sad."] * 2, [some, more])
    assert two - one < 0.15


def test_shift_seed_is_the_axis():
    reward = make("affective_shift", answer="whole", target="temper", formula="seed")
    calm, angry = reward([CLIENT] * 2, ["What a relief, all is calm.", "I am furious at you!"])
    assert calm > angry


@pytest.mark.parametrize(
    ("method", "low", "high"),
    [
        ("range", [0.10, 0.13], [0.90, 0.93]),  # keeps the level: progress shows
        ("batch", [0.10, 0.13], [0.90, 0.93]),  # maps both batches to the same numbers
    ],
)
def test_calibration_level(method, low, high):
    apply = Calibration(method=method).apply
    same = np.allclose(apply(np.array(low)), apply(np.array(high)))
    assert same == (method == "batch")
