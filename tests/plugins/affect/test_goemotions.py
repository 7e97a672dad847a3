import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from emp_plugins.affect import goemotions
from emp_plugins.errors import InputError

PROBS = arrays.arrays(float, (3, 28), elements=st.floats(0, 1))

ID_ORDER = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire "
    "disappointment disapproval disgust embarrassment excitement fear gratitude grief joy love "
    "nervousness optimism pride realization relief remorse sadness surprise neutral"
)

VALENCES = [0.7, 0.8, -0.8, -0.6, 0.5, 0.7, -0.2, 0.2, 0.3, -0.7, -0.6, -0.9, -0.5, 0.8]
VALENCES += [-0.9, 0.9, -1.0, 1.0, 0.9, -0.7, 0.6, 0.7, 0.1, 0.6, -0.8, -0.9, 0.1, 0.0]


def row(**probs):
    result = np.zeros((1, 28))
    for label, value in probs.items():
        result[0, goemotions.LABELS.index(label)] = value
    return result


def test_labels_are_in_goemotions_id_order():
    assert " ".join(goemotions.LABELS) == ID_ORDER


def test_each_label_alone_has_its_valence():
    assert goemotions.valence(np.eye(28)).tolist() == VALENCES


@pytest.mark.parametrize(
    ("probs", "mean", "seed"),
    [
        ({"joy": 1.0}, 1.0, 1.0),
        ({"joy": 0.2}, 1.0, 0.2),  # the mean does not depend on how sure the judge is
        ({"joy": 0.5, "grief": 0.5}, 0.0, 0.0),
        ({"sadness": 0.6, "remorse": 0.3}, -0.78 / 0.9, -0.78),
        ({"neutral": 0.8, "gratitude": 0.2}, 0.18, 0.18),  # neutral dilutes
        ({}, 0.0, 0.0),  # no division by zero
        ({"fear": 5e-324}, -0.9, -5e-324),  # denormal
        ({"joy": 1, "love": 1, "gratitude": 1}, 2.8 / 3, 2.8),  # the seed formula leaves [-1, 1]
    ],
)
def test_valence(probs, mean, seed):
    assert goemotions.valence(row(**probs))[0] == pytest.approx(mean)
    assert goemotions.valence(row(**probs), formula="seed")[0] == pytest.approx(seed)


@settings(deadline=None)
@given(PROBS)
def test_valence_stays_within_the_labels(probs):
    values = goemotions.valence(probs)
    assert values.shape == (3,)
    assert (np.abs(values) <= 1).all()


@settings(deadline=None)
@given(PROBS, st.permutations(range(28)))
def test_reorder_undoes_any_order(probs, order):
    names = [goemotions.LABELS[place].upper() for place in order]
    assert (goemotions.reorder(probs[:, order], names) == probs).all()


def test_reorder_ignores_further_names():
    probs = np.arange(29.0)[None] / 29
    assert (goemotions.reorder(probs, ["other", *goemotions.LABELS]) == probs[:, 1:]).all()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["joys", *goemotions.LABELS[1:]], "'admiration' is missing"),
        (["joy", *goemotions.LABELS[1:]], "'admiration' is missing"),
        ([*goemotions.LABELS, "joy"], "'joy' is named 2 times"),
    ],
)
def test_reorder_refuses(names, message):
    with pytest.raises(InputError, match=message):
        goemotions.reorder(np.zeros((1, len(names))), names)


def test_reorder_refuses_names_that_do_not_fit():
    with pytest.raises(InputError, match="does not fit 28"):
        goemotions.reorder(np.zeros((1, 27)), goemotions.LABELS)


@pytest.mark.parametrize(
    "probs",
    [
        np.zeros(28),  # one row must still be a matrix
        np.zeros((1, 27)),
        np.full((1, 28), np.nan),
        np.full((1, 28), np.inf),
        np.full((1, 28), -0.1),
    ],
)
def test_bad_probabilities_are_refused(probs):
    with pytest.raises(InputError, match="probabilities"):
        goemotions.valence(probs)


def test_unknown_formula():
    with pytest.raises(InputError, match="did you mean 'mean'"):
        goemotions.valence(np.zeros((1, 28)), formula="meen")


def test_no_rows():
    assert goemotions.valence(np.zeros((0, 28))).shape == (0,)
