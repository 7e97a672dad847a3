import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins import judges
from emp_plugins.affect import goemotions


@pytest.fixture(scope="module")
def judge():
    return judges.load("sentiment")


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("Thank you so much for your help!", "supportive"),
        ("I love how much you care.", "supportive"),
        ("You disgust me, I hate this.", "negative"),
        ("I feel so sad and hopeless", "negative"),
        ("The meeting is at six.", "neutral"),
        ("", "neutral"),
    ],
)
def test_plain_cases(judge, text, tone):
    assert judge.labels[judge.score([text])[0].argmax()] == tone


@settings(max_examples=50)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_shares_sum_to_one_and_differ_by_the_valence(texts):
    judge = judges.load("sentiment")
    shares = judge.score(texts)
    assert shares.shape == (len(texts), 3)
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    valence = goemotions.valence(judges.load("emotion").score(texts))
    np.testing.assert_allclose(shares[:, 0] - shares[:, 2], valence, atol=1e-12)


def test_it_shares_the_emotion_judge(judge):
    before = judges.load("emotion").passes
    judge.score(["a text that nobody scored before"])
    judges.load("emotion").score(["a text that nobody scored before"])
    assert judges.load("emotion").passes == before + 1


def test_attributes(judge):
    assert judge.labels == ("supportive", "neutral", "negative")
    assert judge.range == (0.0, 1.0)
    assert judge.reject_above == 0.99


def test_only_lists_of_strings(judge):
    with pytest.raises(TypeError, match="a judge scores"):
        judge.score("a string")
