"""Manners: nothing harsh, no cheer over distress; sympathy is not read as negative."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins import judges
from emp_plugins.completion import Completion, Template
from emp_plugins.errors import InputError
from emp_plugins.rewards import make, tone
from emp_plugins.rewards.batch import Batch

CLIENT = "My father died in March and I still set the table for him. I feel so empty."


def value(reply, client=CLIENT, **params):
    return make("tone", answer="whole", **params)([client], [reply])[0]


@pytest.mark.parametrize(
    "reply",
    [
        "I'm so sorry for your loss, that is awful and it hurts.",  # judges read it as negative
        "still setting the table, wow. grief does that. what was he like?",
        "fuck, that's rough man. my dad went last year and it sucked",  # rough, not harsh
        "You are not weak and you are not being dramatic, not at all.",  # taken back
        "People told me to get over it when mine died. Nobody should say that.",  # reported
        "It doesn't matter if others have it worse. This is your father.",
        "Thank you for telling me!! Sending love ❤",  # a little warmth is no cheer
        "I am glad that you said it.",
    ],
)
def test_decent_replies_get_full_marks(reply):
    assert value(reply) >= 0.9


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ("Just get over it. March was months ago.", "command"),
        ("Calm down and set the table for one.", "command"),
        ("Stop being so dramatic about a plate.", "command"),
        ("Other people have it so much worse than you.", "belittling"),
        ("You are overreacting, everybody's father dies.", "belittling"),
        ("Why are you so negative all the time?", "belittling"),
        ("You should be grateful that you had a father at all.", "moralising"),
        ("Honestly it is your own fault that you feel empty.", "moralising"),
        ("You're pathetic, he would laugh at you.", "insult"),
        ("Everything happens for a reason, so stay positive. Good vibes!", "slogan"),
    ],
)
def test_harsh_and_cheerful_replies_lose_and_say_why(reply, rule):
    scores = make("tone", answer="whole").explain([CLIENT], [reply])
    assert scores.values[0] <= 0.1
    assert rule in scores.notes["rules"][0]


@pytest.mark.parametrize(
    "reply",
    [
        "Yay! Yay!! You set a table!!! So great!!! Amazing!",
        "Be happy, smile, laugh, joy joy joy, wonderful sunshine day",
        "🎉🎉🎉🎉🎉🎉🎉🎉🎉 party time",
    ],
)
def test_cheer_depends_on_the_client(reply):
    assert value(reply) < 0.1
    assert value(reply, "I am so happy! This is wonderful, I love it, thank you so much!") > 0.9


class Sentiment:
    """A judge whose answer is in the text, in the seam's form."""

    labels = ("supportive", "neutral", "negative")
    reject_above = 0.9

    def score(self, texts):
        negative = np.array([0.98 if "vile" in t else 0.5 if "meh" in t else 0.0 for t in texts])
        return np.stack([np.zeros(len(texts)), 1 - negative, negative], axis=1)


@pytest.mark.parametrize(
    ("reply", "params", "expected"),
    [
        ("A vile thing.", {}, -1.0),  # the judge's own limit
        ("A vile thing.", {"reject_above": 0.99}, -1.0),  # below the limit, but past harsh
        ("A vile thing.", {"reject_above": 0.99, "enough": 0.5, "harsh": -1.0}, -0.97),
        ("A meh thing.", {}, 1.0),  # half negative is within manners
        ("A meh thing.", {"enough": 0.0, "harsh": -1.0}, 0.0),
        ("I'm sorry, a vile thing.", {}, 1.0),  # sympathy with what is vile
    ],
)
def test_what_the_judge_says(monkeypatch, reply, params, expected):
    loaded = {"sentiment": Sentiment(), "emotion": judges.load("emotion")}
    monkeypatch.setattr(judges, "load", lambda kind, spec=None: loaded[kind])
    monkeypatch.setattr(Batch, "client_affect", np.zeros((1, 4)))
    batch = Batch([CLIENT], [reply], [Completion(reply, None, reply, ())], {}, [0], None, {})
    found = tone.score(batch, tone.Params(**params), Template()).values[0]
    assert found == pytest.approx(expected, abs=0.05)


@given(st.text(max_size=120))
def test_any_text_gets_a_number_between_the_bounds(text):
    assert -1.0 <= value(text) <= 1.0


def test_bounds_in_the_wrong_order():
    with pytest.raises(InputError, match="harsh < enough"):
        make("tone", harsh=-0.2)
