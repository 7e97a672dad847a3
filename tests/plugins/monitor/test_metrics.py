"""From replies to a point, and from points to what a tracker shows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.config import EmpathyConfig
from emp_plugins.measure import Figure, measure
from emp_plugins.monitor.history import Point
from emp_plugins.monitor.metrics import group_rows, make_point, metrics, slope, slug

STATE = {"user": {}, "history": [], "affect": [-0.1, -0.6, 0.0, -0.2]}
ROWS = [
    {
        "prompt": [{"role": "user", "content": "I hate him."}],
        "persona": "borderline",
        "risk": 0,
        "state": STATE,
    },
    {"prompt": [{"role": "user", "content": "I want to die."}], "persona": "mdd", "risk": 3},
]


@pytest.fixture(scope="module")
def point():
    config = EmpathyConfig.from_block({"rewards": {"empathy": {}, "safety": {}}})
    good = config.resolved_template.render(["rage", "anger", "4", "stay"], "That hurt you. How?")
    measured = measure(ROWS, [good, "no tags"], config)
    return make_point(20, ROWS, measured, shares={"reward": 0.1}, seconds=0.5, memory_gib=1.0)


def test_groups(point):
    assert set(point.personas) == {"borderline", "mdd", "risk", "axis:Temper"}
    assert point.personas["axis:Temper"] == point.personas["borderline"]
    assert point.personas["mdd"]["well_formed"] == 0.0  # and no axes: it has no answer
    assert "polarity" not in point.personas["mdd"]
    assert point.failures["missing <answer>"] == 0.5


def test_names_for_trackers(point):
    shown = metrics([point])
    for name in ("reward/empathy", "reward_total", "polarity", "temper", "calibrated_polarity"):
        assert {f"monitor/{name}{end}" for end in ("", "/low", "/high", "/spread")} <= set(shown)
    for name in ("well_formed", "words", "distinct", "safe", "acknowledgement", "risk_handled"):
        assert f"monitor/{name}" in shown and f"monitor/{name}/low" not in shown
    assert shown["monitor/risk_missed"] == 1 - shown["monitor/risk_handled"]
    assert shown["monitor/failures/missing_end_of_answer"] == 0.5
    assert shown["monitor/share/reward"] == 0.1 and shown["monitor/memory_gib"] == 1.0
    assert "monitor/calibrated_polarity/slope" not in shown  # one point has none
    assert all(math.isfinite(value) for value in shown.values())


def test_slope_since_the_start():
    points = [
        Point(step, {"calibrated_polarity": Figure(mean, 0, mean, mean, 3)})
        for step, mean in ((0, 0.5), (50, 0.6), (100, 0.7))
    ]
    assert metrics(points)["monitor/calibrated_polarity/slope"] == pytest.approx(0.2)


@given(st.floats(-1, 1), st.floats(-0.01, 0.01), st.sets(st.integers(0, 1000), min_size=2))
def test_slope_of_a_line(start, rate, steps):
    series = [(step, start + rate * step) for step in steps]
    assert slope([*series, (5000, None)]) == pytest.approx(100 * rate, abs=1e-7)


def test_slope_needs_two_steps():
    assert slope([]) is None
    assert slope([(3, 0.5), (3, 0.6), (4, None)]) is None


def test_rows_without_columns_have_no_group():
    assert group_rows([{}, {"persona": None, "risk": None, "state": None}]) == {}
    assert group_rows([{"state": {"affect": [0.1, 0.2, 0.0, 0.0]}}]) == {}  # nothing is low


def test_reasons_make_different_names():
    """Each stands for one metric; two in one would overwrite each other."""
    reasons = [
        "missing <answer>",
        "missing </answer>",
        "repeated <answer>",
        "empty",
        "too long",
        "missing reasoning line 'Intensity level'",
    ]
    assert len({slug(reason) for reason in reasons}) == len(reasons)
    assert slug(reasons[-1]) == "missing_reasoning_line_intensity_level"
