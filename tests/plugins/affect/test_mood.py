"""The mood profile: against hand arithmetic, the state of the prompts' headers, and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress

from emp_plugins.affect.categories import Categories
from emp_plugins.affect.mood import profile
from emp_plugins.affect.state import State
from emp_plugins.errors import InputError

AXIS = st.floats(-1, 1)
TURNS = st.lists(st.tuples(AXIS, AXIS, AXIS, AXIS), min_size=1, max_size=8)


@given(TURNS)
def test_rolling_and_trend_are_those_of_the_state(turns):
    mood, state = profile(turns), State()
    for place, affect in enumerate(turns):
        state = state.after(float(mood.polarity[place]), affect)
        assert mood.rolling[place] == pytest.approx(state.mean_polarity, abs=1e-12)
        assert mood.trends[place] == state.trend
    assert mood.trend == state.trend


@given(st.lists(AXIS, min_size=2, max_size=9), st.integers(2, 5))
def test_slopes_are_least_squares(values, window):
    mood = profile([(value, 0, 0, 0) for value in values], window=window)
    for end in range(2, len(values) + 1):
        recent = mood.polarity[max(0, end - window) : end]
        slope = linregress(range(len(recent)), recent).slope
        assert mood.slopes[end - 1] == pytest.approx(slope, abs=1e-9)
    assert mood.slope == pytest.approx(
        linregress(range(len(values)), mood.polarity).slope, abs=1e-9
    )
    assert mood.axis_slopes[0] == pytest.approx(
        linregress(range(len(values)), values).slope, abs=1e-9
    )


def test_a_single_turn():
    mood = profile([[-0.6, 0, 0, -0.2]])
    assert len(mood) == 1 and mood.polarity == pytest.approx([-0.4])  # -0.8 / 2
    assert mood.rolling == pytest.approx([-0.4])
    assert mood.slope == 0 and not mood.slopes.any() and not mood.axis_slopes.any()
    assert (mood.trend, mood.category.name) == ("Stable", "depression")


@pytest.mark.parametrize(
    ("window", "rolling", "trend"),
    [
        (1, [-0.4, -0.2, 0.2, 0.4, 0.4], "Stable"),  # a turn has no direction
        (2, [-0.4, -0.3, 0.0, 0.3, 0.4], "Stable"),  # 0.4 after 0.4
        (3, [-0.4, -0.3, -0.4 / 3, 0.4 / 3, 1 / 3], "Improving"),
        (9, [-0.4, -0.3, -0.4 / 3, 0.0, 0.08], "Improving"),  # longer than the conversation
    ],
)
def test_the_window(window, rolling, trend):
    mood = profile([[p, 0, 0, 0] for p in (-0.4, -0.2, 0.2, 0.4, 0.4)], window=window)
    assert mood.rolling == pytest.approx(rolling)
    assert (mood.trend, mood.window) == (trend, window)


def test_thresholds_reach_the_categories():
    mood = profile([[0, -0.6, 0, 0]], thresholds=Categories(high=-1, deep=-1))
    assert mood.category.level == "elevated"


def test_the_caller_s_array_is_its_own():
    turns = np.zeros((2, 4))
    mood = profile(turns)
    turns[:] = 1.0
    assert not mood.axes.any()


@pytest.mark.parametrize(
    ("affects", "window", "message"),
    [
        ([], 3, "no turn"),
        (np.zeros((0, 4)), 3, "no turn"),
        ([[0, 0, 0, 0]], 0, "at least 1 turn, got 0"),
        ([[0, 0, 0]], 3, r"expected shape \(N, 4\), got \(1, 3\)"),
        ([0, 0, 0, 0], 3, r"got \(4,\)"),
        ([[0, 0, 0, float("inf")]], 3, "finite"),
    ],
)
def test_wrong_input(affects, window, message):
    with pytest.raises(InputError, match=message):
        profile(affects, window=window)
