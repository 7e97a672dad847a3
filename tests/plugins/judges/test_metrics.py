import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.judges import metrics

CASES = st.integers(2, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from([0.02, 0.1, 0.25, 0.5, 0.9, 1.0]), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n),
    )
)


@settings(deadline=None)
@given(CASES)
def test_against_scikit_learn(case):
    sklearn = pytest.importorskip("sklearn.metrics")
    scores, hit = np.array(case[0])[:, None], np.array(case[1])[:, None]
    predicted = scores > 0.3
    expected = sklearn.f1_score(hit[:, 0], predicted[:, 0], zero_division=0)
    assert metrics.f1_scores(predicted, hit)[0] == pytest.approx(expected)
    area = metrics.auc_scores(scores, hit)[0]
    if hit.all() or not hit.any():
        assert np.isnan(area)
    else:
        assert area == pytest.approx(sklearn.roc_auc_score(hit[:, 0], scores[:, 0]))


@settings(deadline=None)
@given(CASES)
def test_no_threshold_beats_the_best(case):
    scores, hit = np.array(case[0]), np.array(case[1])
    best = metrics.f1_scores((scores > metrics.best_threshold(scores, hit))[:, None], hit[:, None])
    for other in (-0.1, 0.05, 0.2, 0.4, 0.7, 0.95):
        assert best >= metrics.f1_scores((scores > other)[:, None], hit[:, None]) or not hit.any()


@pytest.mark.parametrize(
    ("scores", "hit", "threshold"),
    [
        ([0.9, 0.6, 0.2], [1, 1, 0], 0.4),
        ([0.9, 0.6], [1, 1], 0.3),  # everything is positive
        ([0.9, 0.6], [0, 0], 0.5),  # nothing is
    ],
)
def test_best_threshold(scores, hit, threshold):
    assert metrics.best_threshold(np.array(scores), np.array(hit, bool)) == pytest.approx(threshold)


def test_micro_f1_counts_cells():
    predicted = np.array([[1, 0], [1, 1]], bool)
    present = np.array([[1, 1], [0, 1]], bool)
    assert metrics.micro_f1(predicted, present) == pytest.approx(2 * 2 / (3 + 3))


@pytest.mark.parametrize(
    ("probabilities", "hit", "error"),
    [
        ([0.5, 0.5], [1, 0], 0.0),
        ([1.0, 1.0], [0, 0], 1.0),  # sure and wrong
        ([0.95, 0.05], [1, 0], 0.05),
    ],
)
def test_calibration_error(probabilities, hit, error):
    got = metrics.calibration_error(np.array([probabilities]).T, np.array([hit], bool).T)
    assert got == pytest.approx(error)
