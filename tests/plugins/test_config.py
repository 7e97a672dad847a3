"""The `empathy:` block: what it accepts and how it refuses."""

import pytest

from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError

FULL = {
    "judges": {"emotion": {"backend": "embedded"}},
    "matrix": {"joy": [0.5, 0, 0, 0]},
    "rewards": {
        "semantic_similarity": {"weight": 0.5, "calibration": {"temperature": 0.7}},
        "empathy": None,  # `empathy:` with nothing after it
        "safety": {"gate": True},
    },
}


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"reward": {}}, r"empathy\.reward: unknown key; did you mean 'rewards'"),
        ({"rewards": {"empaty": {}}}, r"empathy\.rewards\.empaty: unknown reward; .* 'empathy'"),
        ({"rewards": {"safety": {"gaet": 1}}}, r"safety\.gaet: unknown key; did you mean 'gate'"),
        ({"rewards": {"empathy": {"weight": "much"}}}, r"empathy\.weight: .*got 'much'"),
        (
            {"rewards": {"semantic_similarity": {"calibration": {"temprature": 1}}}},
            r"calibration\.temprature: unknown key; did you mean 'temperature'",  # nested
        ),
        ({"rewards": {"safety": {}, "empathy": {"weight": -1}}}, r"empathy\.rewards\.empathy: we"),
        ({"judges": {"emotions": {}}}, r"judges\.emotions: unknown judge; did you mean 'emotion'"),
        ({"judges": {"emotion": {"backend": "hff"}}}, r"judges\.emotion\.backend"),
        ({"matrix": {"joyy": [0, 0, 0, 0]}}, "joyy.*did you mean 'joy'"),
        ({"matrix": {"joy": [0, 0]}}, "joy"),
        ({"template": "no/such.yml"}, "no/such.yml: no such file"),
        ({"answer": "all"}, r"empathy\.answer: "),
        ({"rewards": ["empathy"]}, r"empathy\.rewards: "),  # a list where a mapping belongs
        ("yes", "expected a mapping, got str"),
    ],
)
def test_refusals(block, message):
    with pytest.raises(InputError, match=message) as caught:
        EmpathyConfig.from_block(block)
    assert "\n" not in str(caught.value)


def test_accepts():
    config = EmpathyConfig.from_block(FULL)
    assert list(config.reward_params) == ["semantic_similarity", "empathy", "safety"]
    assert config.weights == [0.5, 1.0, 1.0]
    assert config.gate is not None


def test_negative_weight_without_gate():
    rewards = {"safety": {"gate": False}, "empathy": {"weight": -1}}
    assert EmpathyConfig.from_block({"rewards": rewards}).weights == [1.0, -1.0]


def test_no_block():
    assert EmpathyConfig.from_recipe({"base_model": "x"}) is None
