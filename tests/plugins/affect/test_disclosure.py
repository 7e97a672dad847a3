import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.affect.disclosure import under_risk
from emp_plugins.affect.hourglass import polarity

AXIS = st.floats(-1, 1)
FOUR = st.lists(AXIS, min_size=4, max_size=4)


@pytest.mark.parametrize(
    ("affect", "level", "expected"),
    [
        ([0.1, 0.0, 0.4, 0.5], 0, [0.1, 0.0, 0.4, 0.5]),  # nothing disclosed
        ([0.1, 0.0, 0.4, 0.5], 1, [0.1, 0.0, 0.4, 0.5]),  # hopelessness is read by its words
        ([0.1, 0.0, 0.4, 0.5], 2, [-0.5, 0.0, 0.0, 0.0]),  # a passive wish read as desire
        ([0.1, -0.3, 0.4, -0.5], 3, [-0.75, -0.3, 0.0, -0.5]),  # what is low stays low
        ([-0.9, 0.0, 0.0, 0.0], 2, [-0.9, 0.0, 0.0, 0.0]),  # lower than the cap
        ([0.9, 0.9, 0.9, 0.9], 4, [-1.0, 0.0, 0.0, 0.0]),  # a calm plan
    ],
)
def test_the_cap(affect, level, expected):
    assert under_risk(affect, level) == expected


@given(FOUR, st.integers(2, 4))
def test_a_turn_at_risk_is_never_hopeful(affect, level):
    capped = under_risk(affect, level)
    assert max(capped) <= 0 and capped[0] <= -level / 4
    assert polarity([capped])[0] < 0
    assert all(after <= before for after, before in zip(capped, affect, strict=True))


@given(FOUR, st.integers(0, 3))
def test_more_risk_never_reads_better(affect, level):
    assert sum(under_risk(affect, level + 1)) <= sum(under_risk(affect, level))
