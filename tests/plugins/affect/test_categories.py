"""Risk categories: which state has which, and what a recipe may say of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.affect.categories import LEVELS, Categories, Names, categorise, depth
from emp_plugins.affect.hourglass import AXES, polarity
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError

AXIS = st.integers(-20, 20).map(lambda twentieths: twentieths / 20)  # no axis half active
STATE = st.tuples(AXIS, AXIS, AXIS, AXIS)


@pytest.mark.parametrize(
    ("affect", "level", "name", "why"),
    [
        ((0, 0, 0, 0), "none", "none", "nothing felt"),
        ((0.8, 0.2, 0, 0.4), "none", "none", "all is well"),
        ((-0.9, 0, 0, 0), "high", "depression", "Introspection drives"),
        ((0, -0.9, 0, 0), "high", "outburst", "Temper drives"),
        ((0, 0, -0.9, 0), "high", "withdrawal", "Attitude drives"),
        ((0, 0, 0, -0.9), "high", "anxiety", "Sensitivity drives"),
        ((-0.5, 0, 0, 0), "high", "depression", "on the threshold of high"),
        ((-0.49, 0, 0, 0), "elevated", "depression", "just above it"),
        ((0, -0.25, 0, 0), "elevated", "outburst", "on the threshold of driver"),
        ((0, -0.24, 0, 0), "none", "none", "low, and no axis low enough to drive it"),
        ((-0.2, -0.2, -0.2, -0.2), "none", "none", "polarity elevated, driven by no axis"),
        ((0.9, 0, 0, -0.6), "elevated", "anxiety", "deep fear beside joy: polarity is +0.15"),
        ((0.9, 0, 0, -0.4), "none", "none", "some fear beside joy"),
        ((-0.4, 0, 0.1, 0), "none", "none", "(-0.4 + 0.1) / 2 = -0.15"),
        ((-0.6, 0, 0.1, 0), "elevated", "depression", "(-0.6 + 0.1) / 2 = -0.25"),
        (
            (-0.6, -0.1, 0, 0),
            "high",
            "depression",
            "polarity -0.35; -0.6 without the touch of anger",
        ),
        ((-0.3, -0.3, 0, 0), "elevated", "depression", "the first of two equal axes"),
        ((0.1, -0.7, -0.7, -0.7), "high", "outburst", "(0.1 - 2.1) / 4 = -0.5"),
        ((-3, 0, 0, 0), "high", "depression", "several emotions add up beyond -1"),
    ],
)
def test_category_of_a_state(affect, level, name, why):
    found = categorise(affect)
    assert (found.level, found.name) == (level, name), why
    assert found.driver == AXES[int(np.argmin(affect))]
    assert found.polarity == polarity([affect])[0]


@given(STATE, st.integers(0, 3), AXIS)
def test_an_axis_that_falls_never_lowers_the_level(affect, axis, to):
    fallen = list(affect)
    fallen[axis] = min(to, affect[axis])
    before, after = (LEVELS.index(categorise(state).level) for state in (affect, fallen))
    assert after >= before


@given(STATE)
def test_depth_is_at_most_the_polarity_and_equal_where_nothing_dilutes(affect):
    down, overall = depth(affect), polarity([affect])[0]
    assert down <= overall
    if sum(value < 0 for value in affect) <= 1:
        assert down == overall


@pytest.mark.parametrize(
    ("affect", "expected"),
    [
        ((-0.6, -0.1, 0, 0), -0.6),  # sadness alone
        ((-0.4, -0.4, 0.2, 0), -0.2),  # (-0.8 + 0.2) / 3; one of the two alone (-0.4 + 0.2) / 2
        ((-0.9, -0.2, 0.3, 0.3), -0.125),  # all four -0.5 / 4; without -0.2: -0.3 / 3 = -0.1
        ((0.4, 0.2, 0, 0), 0.3),
    ],
)
def test_depth_by_hand(affect, expected):
    assert depth(affect) == pytest.approx(expected)


def test_thresholds_and_names_come_from_the_recipe():
    block = {
        "categories": {
            "elevated": -0.1, "high": -0.9, "driver": -0.1, "deep": -1.0,
            "names": {"sensitivity": " panic "},
        }
    }  # fmt: skip
    limits = EmpathyConfig.from_block(block).categories
    found = categorise((0, 0, 0, -0.6), limits)
    assert (found.level, found.name) == ("elevated", "panic")
    assert categorise((0, -0.95, 0, 0), limits).name == "outburst"  # the other names stay
    assert EmpathyConfig.from_block({}).categories == Categories()


@pytest.mark.parametrize(
    ("categories", "message"),
    [
        ({"high": -0.1}, "empathy.categories: high -0.1 is above elevated -0.2"),
        ({"deep": 0.0}, "deep 0 is above driver -0.25"),
        ({"elevatd": -0.1}, "elevatd"),
        ({"elevated": -2}, "empathy.categories.elevated"),
        ({"elevated": float("nan")}, "empathy.categories.elevated"),
        ({"names": {"temper": ""}}, "empathy.categories.names.temper"),
        ({"names": {"temper": "None"}}, "what a state without a risk is called"),
        ({"names": {"anger": "outburst"}}, "anger"),
        ([], "empathy.categories"),
    ],
)
def test_wrong_categories_are_named(categories, message):
    with pytest.raises(InputError) as caught:
        EmpathyConfig.from_block({"categories": categories})
    assert message in str(caught.value)


@pytest.mark.parametrize("affect", [(0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, float("nan"))])
def test_a_state_has_four_finite_axes(affect):
    with pytest.raises(InputError, match="dimensions"):
        categorise(affect)


def test_every_axis_has_a_name():
    assert set(Names.model_fields) == {axis.lower() for axis in AXES}
