import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from emp_plugins.affect import hourglass
from emp_plugins.affect.goemotions import LABELS, VALENCE
from emp_plugins.errors import InputError

# Rounded, because sums of denormals underflow when they are divided.
DIMS = arrays.arrays(float, (3, 4), elements=st.floats(-2, 2).map(lambda x: round(x, 6)))
THRESHOLD = st.sampled_from(hourglass.THRESHOLDS)

FIXED = {
    "joy": [1, 0, 0, 0],
    "sadness": [-1, 0, 0, 0],
    "grief": [-1, 0, 0, 0],
    "anger": [0, -1, 0, 0],
    "annoyance": [0, -0.6, 0, 0],
    "disgust": [0, 0, -1, 0],
    "admiration": [0, 0, 0.8, 0],
    "fear": [0, 0, 0, -1],
    "nervousness": [0, 0, 0, -0.7],
    "optimism": [0.5, 0, 0, 0.5],
    "caring": [0.3, 0, 0.7, 0],
    "love": [0.5, 0, 0.5, 0],
    "remorse": [-0.5, -0.5, 0, 0],
    "neutral": [0, 0, 0, 0],
}

PROPOSED = {
    "amusement": [0.5, 0, 0.3, 0],
    "approval": [0, 0, 0.4, 0],
    "confusion": [0, 0, 0, -0.3],
    "curiosity": [0, 0, 0, 0.4],
    "desire": [0, 0, 0.4, 0.4],
    "disappointment": [-0.5, 0, -0.3, 0],
    "disapproval": [0, -0.3, -0.5, 0],
    "embarrassment": [-0.3, 0, -0.4, 0],
    "excitement": [0.6, 0, 0, 0.6],
    "gratitude": [0.3, 0, 0.6, 0],
    "pride": [0.6, 0, 0.3, 0],
    "realization": [0, 0, 0, 0.2],
    "relief": [0.3, 0.7, 0, 0],
    "surprise": [0, 0, 0, 0],
}


@pytest.mark.parametrize(("label", "row"), [*FIXED.items(), *PROPOSED.items()])
def test_rows(label, row):
    assert hourglass.MATRIX[LABELS.index(label)].tolist() == row


def test_every_label_has_a_row():
    assert sorted([*FIXED, *PROPOSED]) == sorted(LABELS)


def test_proposed_rows_follow_the_sign_of_the_valence():
    for label, row in zip(LABELS, hourglass.MATRIX, strict=True):
        if label not in ("neutral", "surprise"):
            assert np.sign(row.sum()) == np.sign(VALENCE[label]), label
            assert not ((row > 0).any() and (row < 0).any()), label


def test_matrix_is_read_only_and_matrix_returns_a_copy():
    with pytest.raises(ValueError, match="read-only"):
        hourglass.MATRIX[0, 0] = 1
    hourglass.matrix()[0, 0] = 9
    assert hourglass.MATRIX[0, 0] == 0


def test_overrides_replace_only_their_row():
    changed = hourglass.matrix({"surprise": [0.1, 0, 0, -0.2]})
    place = LABELS.index("surprise")
    assert changed[place].tolist() == [0.1, 0, 0, -0.2]
    assert (np.delete(changed, place, 0) == np.delete(hourglass.MATRIX, place, 0)).all()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"sadnes": [0, 0, 0, 0]}, "did you mean 'sadness'"),
        ({"joy": [1, 0, 0]}, "joy: expected 4 finite numbers"),
        ({"joy": [1, 0, 0, float("nan")]}, "joy: expected 4"),
        ({"joy": [1, 0, 0, float("inf")]}, "joy: expected 4"),
        ({"joy": "1000"}, "joy: expected 4"),  # a string is a sequence of four here
        ({"joy": [1, 0, 0, "x"]}, "joy: expected 4"),
        ({"joy": 1.0}, "joy: expected 4"),
        ({3: [0, 0, 0, 0]}, "3: unknown label"),  # YAML keys need not be strings
    ],
)
def test_bad_overrides(overrides, message):
    with pytest.raises(InputError, match=message):
        hourglass.matrix(overrides)


def test_dimensions_are_the_matrix_product():
    assert (hourglass.dimensions(np.eye(28)) == hourglass.MATRIX).all()
    half = 0.5 * np.eye(28)[[LABELS.index("love")]]
    assert hourglass.dimensions(half)[0] == pytest.approx([0.25, 0, 0.25, 0])


def test_dimensions_use_the_given_matrix():
    changed = hourglass.matrix({"neutral": [0, 1, 0, 0]})
    probs = np.eye(28)[[LABELS.index("neutral")]]
    assert hourglass.dimensions(probs, changed).tolist() == [[0, 1, 0, 0]]


@pytest.mark.parametrize(
    ("dims", "threshold", "hard", "smooth"),
    [
        ([0, 0, 0, 0], 0.01, 0.0, 0.0),  # nothing active
        ([0.6, 0, 0, 0], 0.01, 0.6, 0.6),
        ([-0.6, 0, 0, 0], 0.01, -0.6, -0.6),
        ([0.6, 0.06, 0, 0], 0.01, 0.33, 0.33),  # both clearly active
        ([0.6, 0.05, 0, 0], 0.05, 0.65, 0.65),  # at the threshold is not active yet
        ([0.6, 0.0501, 0, 0], 0.05, 0.32505, 0.6501),  # past it: halved, or hardly changed
        ([0.6, 0.10, 0, 0], 0.05, 0.35, 0.7 / 1.5),  # half way up the ramp
        ([0.5, 0.5, 0.5, 0.5], 0.01, 0.5, 0.5),
        ([0.5, -0.5, 0, 0], 0.01, 0.0, 0.0),  # opposites cancel
        ([0.004, 0.004, 0, 0], 0.01, 0.008, 0.008),  # never divided by less than 1
    ],
)
def test_polarity(dims, threshold, hard, smooth):
    got = hourglass.polarity([dims], "threshold", threshold)[0]
    assert got == pytest.approx(hard)
    assert hourglass.polarity([dims], threshold=threshold)[0] == pytest.approx(smooth, abs=1e-4)


@settings(deadline=None)
@given(DIMS, THRESHOLD)
def test_polarity_keeps_sign_and_bounds(dims, threshold):
    total, peak = dims.sum(axis=1), np.abs(dims).max(axis=1)
    for count, slack in (("threshold", 3), ("smooth", 5.1)):
        value = hourglass.polarity(dims, count, threshold)
        assert (np.sign(value) == np.sign(total)).all()
        assert (np.abs(value) <= np.abs(total)).all()  # N is at least 1
        assert (4 * np.abs(value) >= np.abs(total) * (1 - 1e-12)).all()  # and at most 4
        assert (np.abs(value) <= peak + slack * threshold).all()


@settings(deadline=None)
@given(DIMS, THRESHOLD)
def test_smooth_count_never_exceeds_the_hard_one(dims, threshold):
    smooth = np.abs(hourglass.polarity(dims, "smooth", threshold))
    hard = np.abs(hourglass.polarity(dims, "threshold", threshold))
    assert (smooth >= hard * (1 - 1e-12)).all()


@settings(deadline=None)
@given(DIMS, THRESHOLD)
def test_smooth_equals_the_hard_count_away_from_the_threshold(dims, threshold):
    clear = np.where(np.abs(dims) < 3 * threshold, 0, dims)
    smooth = hourglass.polarity(clear, "smooth", threshold)
    assert smooth == pytest.approx(hourglass.polarity(clear, "threshold", threshold))


@settings(deadline=None)
@given(DIMS, arrays.arrays(float, (3, 4), elements=st.floats(-1, 1)), THRESHOLD)
def test_smooth_polarity_has_no_jump(dims, direction, threshold):
    step = 1e-7
    moved = hourglass.polarity(dims + step * direction, threshold=threshold)
    change = np.abs(moved - hourglass.polarity(dims, threshold=threshold))
    # Slope: 4 for the sum, and 4 axes times w' <= 3/(4g) times a sum of at most 8.
    assert (change <= step * (4 + 4 * 0.75 / threshold * 8) + 1e-12).all()


@pytest.mark.parametrize(
    ("dims", "axis"),
    [
        ([0.2, -0.7, 0, -0.1], "Temper"),
        ([0, 0, 0, 0], "Introspection"),  # the first of equals
        ([0.9, 0.8, 0.7, 0.6], "Sensitivity"),  # lowest, though positive
    ],
)
def test_deficit(dims, axis):
    lowest = hourglass.deficit([dims])
    assert np.issubdtype(lowest.dtype, np.integer)
    assert hourglass.AXES[lowest[0]] == axis


@pytest.mark.parametrize(
    "call",
    [
        lambda: hourglass.polarity([[0, 0, 0]]),
        lambda: hourglass.polarity([0, 0, 0, 0]),
        lambda: hourglass.polarity([[0, 0, 0, np.nan]]),
        lambda: hourglass.polarity([[0, 0, 0, 0]], count="smoth"),
        lambda: hourglass.polarity([[0, 0, 0, 0]], threshold=0),
        lambda: hourglass.polarity([[0, 0, 0, 0]], threshold=float("nan")),
        lambda: hourglass.deficit([[np.inf, 0, 0, 0]]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InputError):
        call()
