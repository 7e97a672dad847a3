import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_tooling.evaluate.compare import MANY, holm, paired, win_rate

numbers = st.floats(-5, 5, allow_nan=False)
pairs = st.lists(st.tuples(numbers, numbers, st.integers(0, 6)), min_size=1, max_size=40)


def own(count):
    return [str(number) for number in range(count)]


@given(pairs)
def test_the_other_way_round_everything_is_mirrored(rows):
    base, model, clusters = ([row[i] for row in rows] for i in range(3))
    there, back = paired(base, model, clusters), paired(model, base, clusters)
    assert there.difference == pytest.approx(-back.difference)
    assert there.low <= there.difference + 1e-9 and there.difference <= there.high + 1e-9
    assert there.p_below == pytest.approx(back.p_above, abs=0.03)  # drawn flips are not mirrored
    for p_value in (there.p_below, there.p_above):
        assert 0 <= p_value <= 1


@given(st.lists(numbers, min_size=1, max_size=30))
def test_equal_columns_do_not_differ(values):
    found = paired(values, values, own(len(values)))
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert found.p_below == found.p_above == 0.5
    won = win_rate(values, values, own(len(values)))
    assert (won.rate, won.ties, won.p) == (0.5, len(values), 1.0)


def test_by_hand():
    base, model = [0.0, 0.0, 1.0, None, 1.0], [1.0, 0.0, 0.0, 1.0, None]
    found = paired(base, model, own(5))
    assert (found.n, found.base, found.model, found.difference) == (3, 1 / 3, 1 / 3, 0)
    # Of the flips of +1 and -1 one is below their sum, two are equal to it.
    assert found.p_below == found.p_above == 0.5


@pytest.mark.parametrize(
    ("units", "p_above", "why"),
    [
        (4, 1 / 32, "half of one flip of sixteen: four units prove little"),
        (10, 1 / 2048, "counted, not drawn"),
        (40, 0.0001, "drawn: never below half of one of the flips that were made"),
        (MANY, 0.0, "as good as normal"),
    ],
)
def test_how_sure_a_move_of_every_unit_is(units, p_above, why):
    found = paired([0.0] * units, [1.0] * units, own(units))
    assert found.p_above == pytest.approx(p_above, rel=1e-6, abs=1e-12), why
    assert found.p_below == pytest.approx(1 - p_above)


def test_units_of_a_cluster_are_no_independent_witnesses():
    alone = paired([0.0] * 40, [1.0] * 40, own(40))
    together = paired([0.0] * 40, [1.0] * 40, [str(number // 10) for number in range(40)])
    assert (alone.clusters, together.clusters) == (40, 4)
    assert together.p_above == 1 / 32 > alone.p_above


def test_the_interval_is_as_wide_as_theory_says():
    rng = np.random.default_rng(0)
    base, model = rng.normal(size=(2, 400))
    found = paired(base.tolist(), model.tolist(), own(400))
    half = 1.96 * (model - base).std() / 20
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)


def test_flips_find_a_difference_as_often_as_they_should():
    rng = np.random.default_rng(1)
    hits = sum(
        paired(*rng.normal(size=(2, 25)).tolist(), own(25)).p_above <= 0.05 for _ in range(600)
    )
    assert hits / 600 == pytest.approx(0.05, abs=0.02)


def test_wins_ties_and_losses():
    found = win_rate([1.0, 1.0, 1.0, 1.0, None], [2.0, 2.0 - 1e-12, 1.0, 0.0, 5.0], own(5))
    assert (found.wins, found.ties, found.losses, found.n) == (2, 1, 1, 4)
    assert found.rate == 0.625 and found.p == 1.0
    assert found.p_above == pytest.approx(0.5) and found.p_below == pytest.approx(0.875)


@pytest.mark.parametrize(("sign", "ends"), [(1, (0.51, 1.0)), (-1, (0.0, 0.49))])
def test_four_wins_of_four_are_no_certainty(sign, ends):
    found = win_rate([0.0] * 4, [sign * 1.0] * 4, own(4))
    assert (found.low, found.high) == pytest.approx(ends, abs=0.005)
    together = win_rate([0.0] * 4, [sign * 1.0] * 4, list("aabb"))
    assert together.high - together.low > found.high - found.low  # two clusters say less


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_keeps_the_order_and_never_lowers(p_values):
    found = holm(p_values)
    assert all(before <= after <= 1 for before, after in zip(p_values, found, strict=True))
    assert sorted(p_values) == [p for _, p in sorted(zip(found, p_values, strict=True))]


@pytest.mark.parametrize("column", [[], [None, None]])
def test_nothing_to_compare(column):
    assert paired(column, column, own(len(column))) is None
    assert win_rate(column, column, own(len(column))) is None
