"""The `monitor:` block, as part of the `empathy:` block."""

import pytest

from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.validation import Invalid


def config(**monitor):
    return EmpathyConfig.from_block({"monitor": monitor}).monitor


def test_defaults():
    found = config()
    assert (found.every_steps, found.n, found.completions) == (100, 24, False)
    assert EmpathyConfig.from_block({}).monitor is None


@pytest.mark.parametrize(
    ("monitor", "message"),
    [
        ({"every_step": 5}, r"monitor\.every_step: unknown key; did you mean 'every_steps'"),
        ({"every_steps": 0}, r"monitor\.every_steps: .*got 0"),
        ({"temperature": float("nan")}, r"monitor\.temperature: "),
        ({"calibration": {"method": "batch"}}, r"monitor\.calibration: batch hides every change"),
        ({"stop_on": ["toxic"]}, r"monitor\.stop_on\.0: unknown health rule 'toxic'; .*drift"),
        ({"health": {"gamimg": False}}, r"health\.gamimg: unknown health rule .* 'gaming'"),
        ({"health": {"truncation": {"share": 2}}}, r"health\.truncation\.share: .*got 2"),
        ({"health": {"gaming": False}, "stop_on": ["gaming"]}, r"gaming is switched off"),
    ],
)
def test_refusals(monitor, message):
    with pytest.raises(InputError, match=message) as caught:
        config(**monitor)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("monitor", [True, False, "yes", [10]])
def test_no_settings(monitor):
    with pytest.raises(InputError, match=r"^empathy\.monitor: expected settings; {} has the def"):
        EmpathyConfig.from_block({"monitor": monitor})
    assert EmpathyConfig.from_block({"monitor": {}}).monitor == config()


def test_all_faults_at_once():
    with pytest.raises(Invalid) as caught:
        config(health={"a": {}}, stop_on=["b"])
    assert len(caught.value.problems) == 2


def test_a_rule_named_twice_counts_once():
    assert config(stop_on=["gaming", "gaming"]).stop_on == ["gaming"]
