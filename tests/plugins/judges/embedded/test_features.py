import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.judges.embedded import features
from emp_plugins.judges.embedded.features import NGrams, TfIdf

TEXTS = st.lists(st.text(alphabet=st.sampled_from("ab c'!\u2019\ud800\n"), max_size=20), max_size=6)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("I\u2019m OK", "i'm ok"),  # curly apostrophe
        ("\uff28\uff29", "hi"),  # full-width letters
        ("soooooo", "sooo"),
        ("good", "good"),  # a doubled letter is spelling
        ("a\ud800b", "ab"),  # lone surrogate
        ("", ""),
    ],
)
def test_normalise(text, normal):
    assert features.normalise(text) == normal


@pytest.mark.parametrize("value", [None, 3, b"bytes", ["list"]])
def test_only_strings(value):
    with pytest.raises(TypeError, match=f"strings, got {type(value).__name__}"):
        features.normalise(value)


@pytest.mark.parametrize(
    ("chunk", "grams"),
    [
        ("a", [" a "]),
        ("ab", [" ab", "ab ", " ab "]),
        ("abc", [" ab", "abc", "bc ", " abc", "abc ", " abc "]),
    ],
)
def test_char_ngrams(chunk, grams):
    assert features.char_ngrams(chunk) == grams


def test_counts_cross_chunks_for_words_only():
    ngrams = NGrams(["not", "not good", "!"], ["not", "t g"])
    counts = ngrams.counts(["Not good! not\tgood!!", "t g", ""])
    cells = zip(counts.rows.tolist(), counts.columns.tolist(), counts.values.tolist(), strict=True)
    # "t g" spans a space, so no chunk holds it.
    assert list(cells) == [(0, 0, 2), (0, 1, 2), (0, 2, 3), (0, 3, 2)]
    assert counts.shape == (3, 5)


def test_long_chunks_are_counted_and_not_cached():
    ngrams = NGrams([], ["abc"])
    text = "abc" * 1000
    assert ngrams.counts([text]).values.tolist() == [1000]
    assert ngrams._cached.cache_info().currsize == 0


def test_words_and_characters_have_norm_one():
    encoder = TfIdf(NGrams(["so", "sad"], ["so ", " sa"]), np.array([1.0, 2.0, 1.5, 3.0]))
    row = encoder.encode(["so so sad"])
    first, second = 1 + np.log(2), 2.0
    words = np.array([first, second]) / np.hypot(first, second)
    assert row.values[:2] == pytest.approx(words)
    assert (row.values[2:] ** 2).sum() == pytest.approx(1)


@settings(deadline=None)
@given(TEXTS)
def test_a_row_depends_on_its_own_text_alone(texts):
    encoder = TfIdf(NGrams(["a", "b", "a b", "!"], [" a ", "ab ", "'b "]), np.arange(1.0, 8.0))
    together = encoder.encode(texts)
    for row, text in enumerate(texts):
        alone = encoder.encode([text])
        mine = together.rows == row
        assert (together.columns[mine] == alone.columns).all()
        assert (together.values[mine] == alone.values).all()
