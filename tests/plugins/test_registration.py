"""From the block to `trl.reward_funcs`, once, beside the user's own functions."""

import sys

import pytest

from emp_plugins.errors import InputError
from emp_plugins.registration import configured_rewards, fill_trl

OURS = ["emp_plugins.reward_funcs.empathy", "emp_plugins.reward_funcs.safety"]


@pytest.fixture
def user_module(tmp_path, monkeypatch):
    (tmp_path / "my_rewards.py").write_text(
        "def length(prompts, completions, **columns):\n    return [0.0] * len(completions)\n"
        "number = 3\n"
    )
    (tmp_path / "broken_rewards.py").write_text("import no_such_package\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("my_rewards", None)
    sys.modules.pop("broken_rewards", None)


def recipe(gate=True, **trl):
    rewards = {"empathy": {"weight": 2.0}, "safety": {"gate": gate}}
    return {"rl": "grpo", "trl": trl, "empathy": {"rewards": rewards}}


def registered(cfg, times=1):
    for _ in range(times):
        fill_trl(cfg, configured_rewards(cfg))
    return cfg["trl"]


@pytest.mark.parametrize("times", [1, 2, 3])  # Ray registers again on the dumped configuration
@pytest.mark.parametrize(
    ("gate", "name"),
    [(True, "emp_plugins.reward_funcs.gated:my_rewards:length"), (False, "my_rewards.length")],
)
def test_user_functions_stay_once(user_module, times, gate, name):
    cfg = recipe(gate, reward_funcs=["my_rewards.length"], reward_weights=[0.25])
    trl = registered(cfg, times)
    assert trl["reward_funcs"] == [name, *OURS]
    assert trl["reward_weights"] == [0.25, 2.0, 1.0]


def test_default_weight(user_module):
    assert registered(recipe(reward_funcs=["my_rewards.length"]))["reward_weights"][0] == 1.0


@pytest.mark.parametrize("rl", ["dpo", None, "kto"])
def test_methods_without_rewards_are_left_alone(rl):
    cfg = {**recipe(), "rl": rl}
    assert registered(cfg) == {}


@pytest.mark.parametrize(
    ("gate", "trl", "message"),
    [
        (True, {"reward_funcs": ["org/reward-model"]}, "a reward model cannot be gated"),
        (True, {"reward_funcs": ["my_rewards.lenght"]}, "lenght"),  # misspelt function
        (True, {"reward_funcs": ["no_module.fn"]}, "no_module"),
        # Axolotl would take this for the name of a model on the hub
        (False, {"reward_funcs": ["broken_rewards.fn"]}, "No module named 'no_such_package'"),
        (True, {"reward_funcs": ["my_rewards.number"]}, "is not a function"),
        (True, {"reward_funcs": ["my_rewards.length"], "reward_weights": [-1.0]}, "below 0"),
        (True, {"reward_funcs": ["my_rewards.length"], "reward_weights": [1, 2]}, "2 weights"),
    ],
)
def test_refusals(user_module, gate, trl, message):
    with pytest.raises(InputError, match=message):
        registered(recipe(gate, **trl))


def test_reward_models_without_the_gate():
    trl = registered(recipe(False, reward_funcs=["org/reward-model"]))
    assert trl["reward_funcs"][0] == "org/reward-model"


def test_missing_package_names_the_extra(monkeypatch):
    from emp_plugins import judges

    def missing(kind, spec):
        raise ModuleNotFoundError("No module named 'sentence_transformers'", name="st")

    monkeypatch.setattr(judges, "load", missing)
    with pytest.raises(InputError, match=r"empathy-recipes\[judges\]"):
        registered(recipe())
