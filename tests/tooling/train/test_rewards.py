"""The callables that GRPO gets are those that the plugin would name to Axolotl."""

import sys

import pytest

from emp_plugins.errors import InputError
from emp_plugins.rewards.gated import GatedReward
from emp_tooling.train.unsloth.rewards import rewards

BLOCK = {"rewards": {"structure": {"weight": 0.5}, "safety": {"weight": 2.0, "gate": True}}}
OPEN = {"rewards": {"structure": {}, "safety": {"gate": False}}}


@pytest.fixture(autouse=True)
def mine(tmp_path, monkeypatch):
    (tmp_path / "my_own.py").write_text("def long(prompts, completions, **columns): return []\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("my_own", None)


def test_the_users_functions_come_first_and_stand_behind_the_gate():
    trl = {"reward_funcs": ["my_own.long"], "reward_weights": [0.1]}
    recipe = {"rl": "grpo", "trl": trl, "empathy": BLOCK}
    functions, weights = rewards(recipe)
    assert [function.__name__ for function in functions] == ["long", "structure", "safety"]
    assert isinstance(functions[0], GatedReward) and weights == [0.1, 0.5, 2.0]
    assert recipe["trl"] == trl == {"reward_funcs": ["my_own.long"], "reward_weights": [0.1]}


def test_without_a_gate_and_without_a_block():
    trl = {"reward_funcs": ["my_own.long", "org/reward-model"]}
    functions, weights = rewards({"rl": "grpo", "trl": trl, "empathy": OPEN})
    assert not isinstance(functions[0], GatedReward) and functions[1] == "org/reward-model"
    assert weights == [1.0] * 4
    assert rewards({"rl": "grpo", "trl": trl})[1] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("trl", "message"),
    [
        ({"reward_funcs": ["my_own.none"]}, "my_own.none"),
        ({"reward_funcs": ["org/reward-model"]}, "cannot be gated"),
        ({"reward_funcs": ["my_own.long"], "reward_weights": [1, 2]}, "2 weights for 1"),
        ({"reward_funcs": ["my_own.long"], "reward_weights": [-1]}, "is below 0"),
    ],
)
def test_wrong_functions(trl, message):
    with pytest.raises(InputError, match=message):
        rewards({"rl": "grpo", "trl": trl, "empathy": BLOCK})
