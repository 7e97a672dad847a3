import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_tooling.audit.stats import (
    auc,
    auc_interval,
    partial_spearman,
    ranks,
    spearman,
    wilson,
)

RNG = np.random.default_rng(0)


def test_the_interval_covers_the_auc_and_narrows_with_more_data():
    widths = []
    for n in (40, 4000):
        positive = RNG.random(n) < 0.5
        scores = RNG.normal(size=n) + positive
        low, high = auc_interval(scores, positive, seed=1)
        assert low < auc(scores, positive) < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 5


def test_the_bootstrap_is_the_plain_one():
    """One pass over sorted scores gives what drawing rows and ranking them anew gives."""
    positive = np.arange(60) % 3 == 0
    scores = np.round(RNG.normal(size=60) + positive, 1)  # with ties
    ones, zeros = scores[positive], scores[~positive]
    found = []
    for _ in range(1000):
        drawn = [RNG.choice(side, len(side)) for side in (ones, zeros)]
        found.append(auc(np.concatenate(drawn), np.arange(60) < len(ones)))
    plain = np.percentile(found, [2.5, 97.5])
    assert np.allclose(auc_interval(scores, positive, seed=0), plain, atol=0.02)


def test_an_empty_side_has_no_auc():
    scores = np.array([1.0, 2.0])
    for positive in (np.array([True, True]), np.array([False, False])):
        assert np.isnan(auc(scores, positive)) and np.isnan(auc_interval(scores, positive, 0)).all()


def test_rank_correlations_are_scipys():
    stats = pytest.importorskip("scipy.stats")
    x, y = RNG.normal(size=80).round(1), RNG.normal(size=80).round(1)
    assert np.allclose(ranks(x), stats.rankdata(x))
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)


def test_length_held_fixed_takes_away_what_length_gave():
    words = RNG.normal(size=3000)
    level = (words + RNG.normal(size=3000) > 0).astype(float)
    by_length = words + 0.5 * RNG.normal(size=3000)
    by_level = level + RNG.normal(size=3000)
    assert spearman(by_length, level) > 0.4
    assert abs(partial_spearman(by_length, level, words)) < 0.05
    assert partial_spearman(by_level, level, words) > 0.3


def test_partial_correlation_at_its_edges():
    x, y, flat = np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4]), np.ones(4)
    assert partial_spearman(x, y, flat) == spearman(x, y)  # nothing to hold fixed
    assert np.isnan(partial_spearman(flat, y, x))  # a constant score agrees with nothing
    assert np.isnan(partial_spearman(x, y, x))  # length itself, with length held fixed


@given(st.integers(0, 50), st.integers(0, 50))
def test_wilson_covers_the_share(hits, misses):
    interval = wilson(hits, hits + misses)
    if not hits + misses:
        assert interval is None
        return
    low, high = interval
    share = hits / (hits + misses)
    assert 0 <= low <= share + 1e-12 and share - 1e-12 <= high <= 1
    assert high > low
