import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emp_plugins.errors import InputError
from emp_plugins.judges import references
from emp_plugins.judges.references import Direction

NUMBERS = st.floats(-9, 9, allow_nan=False).map(lambda x: round(x, 3))


def test_the_shipped_corpora():
    clinical, chat = references.read(references.CLINICAL), references.read(references.CHAT)
    assert len(clinical) == len(chat) == 61
    assert not set(clinical) & set(chat)
    words = [np.mean([len(line.split()) for line in lines]) for lines in (clinical, chat)]
    assert max(words) < 1.5 * min(words)  # the direction should not be one of length alone


@given(arrays(float, (6, 3), elements=NUMBERS), arrays(float, (4, 3), elements=NUMBERS))
def test_it_is_half_the_difference_of_the_two_cosines(clinical, chat):
    a, b = clinical.mean(axis=0), chat.mean(axis=0)
    if np.linalg.norm(a - b) < 1e-3:
        return
    middle = (a + b) / 2

    def cosine(x, y):
        lengths = np.linalg.norm(x) * np.linalg.norm(y)
        return x @ y / lengths if lengths else 0.0

    found = Direction.between(clinical, chat).cosines(clinical)
    expected = [
        (cosine(x - middle, a - middle) - cosine(x - middle, b - middle)) / 2 for x in clinical
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_shift_of_all_vectors_changes_nothing():
    """BERT's vectors share one large component; without centring it drowns all else."""
    draw = np.random.default_rng(0)
    clinical, chat, texts = draw.normal(1, 1, (9, 5)), draw.normal(-1, 1, (9, 5)), np.eye(5)
    moved = Direction.between(clinical + 50, chat + 50).cosines(texts + 50)
    np.testing.assert_allclose(moved, Direction.between(clinical, chat).cosines(texts), atol=1e-9)


def test_a_reply_does_not_vouch_for_itself():
    """In many dimensions each text lies towards its own mean; left out, noise lies at 0."""
    draw = np.random.default_rng(0)
    clinical, chat = draw.normal(0, 1, (20, 4000)), draw.normal(0, 1, (20, 4000))
    low, high = references.spread(clinical, chat)
    own = Direction.between(clinical, chat).cosines(clinical).mean()
    assert high < 0.1 < own


def test_equal_corpora():
    same = np.ones((12, 3))
    with pytest.raises(InputError, match="cannot be told apart"):
        Direction.between(same, same)
    with pytest.raises(InputError, match="cannot be told apart"):
        references.spread(same, same)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"one\ntwo\n", "2 replies; give at least 10"),
        (b"same\n" * 50, "1 replies"),
        (b"# a comment\n" * 50, "0 replies"),
        (b"\xff\xfe" * 50, "not UTF-8 at byte 0"),
    ],
)
def test_bad_corpora(tmp_path, content, message):
    (tmp_path / "c.txt").write_bytes(content)
    with pytest.raises(InputError, match=message):
        references.read(tmp_path / "c.txt")


def test_no_corpus(tmp_path):
    with pytest.raises(InputError, match="cannot read the corpus: No such file"):
        references.read(tmp_path / "none.txt")
