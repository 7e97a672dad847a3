import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from emp_plugins import judges
from emp_plugins.affect import goemotions, hourglass
from emp_plugins.errors import InputError
from emp_plugins.judges import EmbeddedSpec, read_spec
from emp_plugins.judges.embedded import emotion, weights
from emp_plugins.judges.embedded.emotion import LinearEmotion

TEXTS = st.lists(st.text(max_size=30) | st.sampled_from(["I am sad", "so happy!", ""]), max_size=8)
TEXTS_WITH_SURROGATES = st.text(st.characters(categories=["L", "P", "Z", "Cs"]), max_size=30)


@pytest.fixture(scope="module")
def judge():
    return judges.load("emotion")


def test_one_copy_in_a_process():
    assert judges.load("emotion") is judges.load("emotion", EmbeddedSpec())
    assert judges.load("similarity") is judges.load("similarity")


@pytest.mark.parametrize("kind", ["emotions", "", None])
def test_unknown_kind(kind):
    with pytest.raises(InputError, match="allowed: clinical, emotion, empathy"):
        judges.load(kind)


def test_spec_is_hashable_and_strict():
    assert hash(EmbeddedSpec()) == hash(read_spec("emotion", {"backend": "embedded"}))
    with pytest.raises(InputError, match=r"judges\.emotion\.backend: 'nope' offers no emotion"):
        read_spec("emotion", {"backend": "nope"})
    with pytest.raises(InputError, match=r"judges\.emotion\.modle: unknown key"):
        read_spec("emotion", {"modle": "x"})
    with pytest.raises(ValidationError):
        EmbeddedSpec().backend = "embedded"


def test_the_shipped_judge_speaks_goemotions(judge):
    assert judge.labels == goemotions.LABELS
    assert judge.thresholds.shape == (28,)
    assert ((judge.thresholds > 0) & (judge.thresholds < 1)).all()
    files = list(weights.SHIPPED.parent.iterdir())
    names = {"CARD.md", "RISK.md", "emotion.safetensors", "risk.safetensors"}
    assert {file.name for file in files} == names
    assert sum(file.stat().st_size for file in files) <= 2_000_000


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Thank you so much for your help!", "gratitude"),
        ("I am so angry right now", "anger"),
        ("I'm scared, this is terrifying", "fear"),
        ("I miss her so much, I feel so sad", "sadness"),
        ("I love this so much", "love"),
        ("", "neutral"),  # nothing said
        ("\ud800", "neutral"),  # nothing left after cleaning
    ],
)
def test_plain_cases(judge, text, label):
    assert judge.labels[judge.score([text])[0].argmax()] == label


def test_valence_and_polarity_of_plain_cases(judge):
    probs = judge.score(["I feel so sad and hopeless", "I am so happy and grateful, thank you!"])
    low, high = goemotions.valence(probs)
    assert low < -0.2 and high > 0.5
    low, high = hourglass.polarity(hourglass.dimensions(probs))
    assert low < -0.1 and high > 0.2


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_scores_do_not_depend_on_the_batch(texts):
    judge = LinearEmotion(weights.shipped())
    together = judge.score(texts)
    assert together.shape == (len(texts), 28)
    assert ((together > 0) & (together < 1)).all()
    for row, text in enumerate(texts):
        assert (LinearEmotion(weights.shipped()).score([text])[0] == together[row]).all()
    assert (judge.score(texts[::-1]) == together[::-1]).all()


@settings(max_examples=50, deadline=None)
@given(TEXTS_WITH_SURROGATES)
def test_any_text_has_a_score(text):
    assert np.isfinite(judges.load("emotion").score([text])).all()


def test_batches_longer_than_one_pass(judge, monkeypatch):
    texts = [f"day {number} was hard" for number in range(25)]
    whole = LinearEmotion(weights.shipped()).score(texts)
    monkeypatch.setattr(emotion, "BATCH", 7)
    assert (LinearEmotion(weights.shipped()).score(texts) == whole).all()


def test_several_askers_cost_one_pass():
    judge = LinearEmotion(weights.shipped())
    texts = ["I am sad", "I am glad", "I am sad"]
    first = judge.score(texts)
    assert judge.passes == 2
    first[:] = 7  # what a caller does to its copy stays there
    assert (judge.score(texts) < 1).all()
    assert judge.passes == 2
    judge.score([*texts, "new"])
    assert judge.passes == 3


@pytest.mark.parametrize("texts", [[None], ["a", 3], [b"a"], "a string", [["a"]]])
def test_only_lists_of_strings(judge, texts):
    with pytest.raises(TypeError, match="a judge scores"):
        judge.score(texts)


def test_import_is_light_and_quick():
    code = (
        "import sys; from emp_plugins import judges; judges.load('emotion').score(['x']);"
        "judges.load('similarity').score([('x', 'y')]);"
        "heavy = {'torch', 'transformers', 'sklearn', 'scipy', 'pandas', 'axolotl'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert time.perf_counter() - start < 10  # about .4 s; wide, as tests may share a busy machine


@pytest.mark.parametrize(
    ("pair", "low", "high"),
    [
        (("I lost my job", "I lost my job"), 1, 1),
        (("", ""), 1, 1),
        (("I lost my job", ""), 0, 0),
        (("I feel so sad", "I feel very sad"), 0.3, 0.99),
        (("I feel so sad", "Thank you"), 0, 0.1),
        (("I feel sad", "I FEEL sad"), 0.999999, 1),  # case is ignored
    ],
)
def test_similarity(pair, low, high):
    score = judges.load("similarity").score([pair])[0]
    assert low <= score <= high


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.text("ab !", max_size=20)), max_size=6))
def test_similarity_is_symmetric_and_pure(pairs):
    judge = judges.load("similarity")
    together = judge.score(pairs)
    assert together.shape == (len(pairs),)
    assert ((together >= 0) & (together <= 1)).all()
    assert (judge.score([pair[::-1] for pair in pairs]) == together).all()
    for score, pair in zip(together, pairs, strict=True):
        assert judge.score([pair])[0] == score


def test_similarity_wants_strings():
    with pytest.raises(TypeError, match="got int"):
        judges.load("similarity").score([("a", 1)])
    with pytest.raises(TypeError, match="got a string for a pair"):
        judges.load("similarity").score(["ab"])  # would unpack into "a" and "b"
