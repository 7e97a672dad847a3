"""Healthy runs raise no alarm, odd values no exception, and units make no difference."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.measure import Figure
from emp_plugins.monitor.health import RULES, examine
from emp_plugins.monitor.health.gaming import GUARDS
from emp_plugins.monitor.health.held_out import apart, moved
from emp_plugins.monitor.health.trainer_logs import end, shift, start
from emp_plugins.monitor.history import History, Point
from emp_plugins.monitor.settings import MonitorConfig

from .histories import around, logged, points, share, steady_logs, steady_points

SETTINGS = MonitorConfig()
KEYS = (
    "reward",
    "reward_std",
    "entropy",
    "grad_norm",
    "kl",
    "frac_reward_zero_std",
    "completions/mean_length",
    "completions/clipped_ratio",
)
MEASURES = ("reward_total", "polarity", "words", "extracted", *GUARDS)


def alarms(runs):
    """Rule to how many runs it fired in, whenever that was."""
    return Counter(rule for seen in runs for rule in seen)


def test_false_alarms_on_steady_logs():
    rng = np.random.default_rng(0)
    runs = []
    for _ in range(50):
        logs = steady_logs(rng, 150)
        looks = [History(logs=logs[:size]) for size in range(10, 151, 10)]
        runs.append({w.rule for look in looks for w in examine(look, SETTINGS)})
    assert alarms(runs) == {}


def test_false_alarms_on_steady_points():
    rng = np.random.default_rng(1)
    runs = []
    for _ in range(25):
        run = steady_points(rng, 11)
        looks = [History(points=run[:size]) for size in range(2, 12)]
        runs.append({w.rule for look in looks for w in examine(look, SETTINGS)})
    assert sum(alarms(runs).values()) <= 1


@pytest.mark.parametrize(
    "run", [History(), points({}), points({name: around(0.0) for name in MEASURES})]
)
def test_nothing_to_compare_is_silent(run):
    assert examine(run, SETTINGS) == []


numbers = st.floats() | st.sampled_from([0.0, 1.0, math.nan, math.inf, 1e308])
figures = st.builds(Figure, numbers, numbers, numbers, numbers, st.integers(0, 50))
measured = st.builds(
    Point,
    st.integers(0, 1000),
    st.dictionaries(st.sampled_from(MEASURES), figures),
    st.dictionaries(st.text(max_size=5), numbers, max_size=2),
)
lines = st.dictionaries(st.sampled_from(("step", *KEYS)), numbers | st.none() | st.just("text"))


@settings(max_examples=60)
@given(st.lists(measured, max_size=5), lines, lines, st.integers(0, 70))
def test_no_value_raises(run, early, late, size):
    history = History(tuple(run), (early,) * size + (late,) * size)
    for warning in examine(history, SETTINGS):
        assert all(math.isfinite(value) for value in warning.values.values())
        assert warning.message and "\n" not in warning.message


def test_a_key_that_the_first_logs_lack():
    logs = ({"step": 1},) * 50 + ({"step": 2, "grad_norm": 1.0},) * 70
    assert "grad_spikes" not in {w.rule for w in examine(History((), logs), SETTINGS)}


means = st.floats(-1, 1)
spreads = st.floats(0.01, 1)


@given(means, spreads, means, spreads)
def test_back_is_the_opposite_of_there(mean, spread, other, wide):
    first, last = around(mean, spread), around(other, wide)
    assert apart(first, last) == pytest.approx(-apart(last, first))


@given(means, spreads, means, spreads, st.floats(0.1, 100), st.floats(-10, 10))
def test_units_make_no_difference(mean, spread, other, wide, scale, offset):
    plain = apart(around(mean, spread), around(other, wide))
    scaled = apart(
        around(scale * mean + offset, scale * spread), around(scale * other + offset, scale * wide)
    )
    assert scaled == pytest.approx(plain, abs=1e-6)


@given(st.lists(st.floats(-5, 5), min_size=20, max_size=20), st.randoms())
def test_the_order_within_a_window_makes_no_difference(values, random):
    first, last = values[:10], values[10:]
    plain = shift(logged(reward=first + last), "reward", 10)
    random.shuffle(first)
    random.shuffle(last)
    assert shift(logged(reward=first + last), "reward", 10) == plain


@given(st.floats(0.001, 1000))
def test_the_rewards_unit_makes_no_difference(scale):
    fall = [5 + 0.1 * (-1) ** i for i in range(30)] + [1 + 0.1 * (-1) ** i for i in range(30)]
    values = [scale * value for value in fall]
    run = logged(reward=values, reward_std=[scale] * 60)
    assert [warning.rule for warning in examine(run, SETTINGS)] == ["reward_drop"]


def test_where_all_replies_agree_the_interval_is_not_taken_for_exact():
    """24 of 24, then 20 of 24: the first interval has no width, but chance can do that."""
    assert share(1.0).low == 1.0 > share(20 / 24).high
    assert -1 < apart(share(1.0), share(20 / 24)) < 0
    assert apart(share(1.0), share(8 / 24)) < -1.5


def test_one_clear_measurement_or_two_that_agree():
    start_, near, far = around(0.0), around(0.2), around(0.5)
    down = [points(*({"x": f} for f in run)) for run in ([start_, near], [start_, near, near])]
    assert [moved(run, "x").up for run in down] == [False, True]
    assert moved(points({"x": start_}, {"x": far}), "x").up
    assert not moved(points({"x": start_}, {"x": far}, {"x": start_}), "x").up


def test_windows_skip_logs_without_the_key():
    logs = [{"step": 1, "loss": 1.0}, {"step": 2, "reward": 2.0}, {"step": 3, "reward": math.nan}]
    run = History(logs=(*logs, {"step": 4, "reward": 4.0}, {"step": 5, "eval": 1.0}))
    assert start(run, "reward", 2) == end(run, "reward", 2) == [2.0, 4.0]
    assert shift(run, "reward", 2) is None


def test_every_rule_is_told():
    for name, rule in RULES.items():
        assert rule.__doc__.splitlines()[0].endswith("."), name
        assert rule.ADVICE and all(f.description for f in rule.Params.model_fields.values())
