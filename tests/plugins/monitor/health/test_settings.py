"""What a user may write under ``health:`` and ``stop_on:``."""

import pytest

from emp_plugins.monitor.health import RULES, bands, check_settings, examine
from emp_plugins.monitor.settings import MonitorConfig
from emp_plugins.validation import Invalid

from .histories import logged

FINE = [
    ({}, []),
    ({"kl_runaway": {"limit": 1.0}}, ["kl_runaway"]),
    ({"kl_runaway": None, "gaming": True, "malformed": False}, ["gaming"]),
    ({name: {} for name in RULES}, list(RULES)),
]

FAULTS = [
    (
        {"toxic": {}},
        [],
        "empathy.monitor.health.toxic: unknown health rule 'toxic'; did you mean 'toxic_drift'?",
    ),
    (
        {"kl_runaway": {"limt": 1}},
        [],
        "empathy.monitor.health.kl_runaway.limt: unknown key; did you mean 'limit'?",
    ),
    (
        {"kl_runaway": {"limit": -1}},
        [],
        "empathy.monitor.health.kl_runaway.limit: input should be greater than 0, got -1",
    ),
    (
        {},
        ["gamin"],
        "empathy.monitor.stop_on.0: unknown health rule 'gamin'; did you mean 'gaming'?",
    ),
    (
        {"gaming": False},
        ["gaming"],
        "empathy.monitor.stop_on.0: gaming is switched off in health",
    ),
]


@pytest.mark.parametrize(("health", "stop_on"), FINE)
def test_fine(health, stop_on):
    check_settings(health, stop_on)


@pytest.mark.parametrize(("health", "stop_on", "message"), FAULTS)
def test_faults(health, stop_on, message):
    with pytest.raises(Invalid) as caught:
        check_settings(health, stop_on)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_all_faults_at_once_under_the_given_path():
    with pytest.raises(Invalid) as caught:
        check_settings({"a": {}, "gaming": {"x": 1}}, ["b"], path=("m",))
    assert [problem.path for problem in caught.value.problems] == [
        ("m", "health", "a"),
        ("m", "health", "gaming", "x"),
        ("m", "stop_on", 0),
    ]


def test_thresholds_reach_the_rules_and_the_bands():
    run = logged(10, reward=1.0, kl=0.8)
    loose = MonitorConfig(health={"kl_runaway": {"limit": 1.0}})
    assert [w.rule for w in examine(run, MonitorConfig())] == ["kl_runaway"]
    assert examine(run, loose) == []
    assert bands(loose)["kl"] == (None, 1.0)
    assert "kl" not in bands(MonitorConfig(health={"kl_runaway": False}))


def test_bands_have_one_end_open():
    found = bands(MonitorConfig())
    assert {"kl", "entropy", "well_formed", "risk_handled", "distinct"} <= set(found)
    assert all((low is None) != (high is None) for low, high in found.values())
