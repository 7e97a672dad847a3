"""Real training of each method by TRL's trainers, on a model that Unsloth did not load.

Unsloth itself needs a CUDA GPU; what it adds is the model, and everything else is the same.
"""

import dataclasses
import sys
from pathlib import Path

import pytest

from emp_plugins.errors import InputError
from emp_tooling.train.unsloth import tables
from emp_tooling.train.unsloth.mapping import plan
from emp_tooling.train.unsloth.run import execute
from emp_tooling.train.unsloth.trainers import build_trainer, config

pytestmark = pytest.mark.train

REWARDS = {"safety": {"gate": True}, "structure": {"weight": 0.5}, "empathy": {}}
USER_REWARDS = """
def vowels(prompts, completions, risk, **columns):
    assert len(risk) == len(completions)
    return [sum(text[0]["content"].count(c) for c in "aeiou") / 10 for text in completions]
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    from emp_tooling.tiny import build_model

    folder = tmp_path_factory.mktemp("base")
    build_model(folder)
    return folder


@pytest.fixture
def planned(recipe, rows, write, tmp_path):
    """The plan of two steps of a method on a CPU."""

    def planned(method, **keys):
        data = recipe(method, max_steps=2, micro_batch_size=4, logging_steps=1, warmup_steps=0)
        kind = "dpo" if method == "orpo" else method
        data["datasets"][0]["path"] = write(f"{method}.jsonl", rows[kind])
        data |= {"learning_rate": 1e-3, "output_dir": str(tmp_path / "out"), "save_steps": 1}
        if method == "grpo":
            data["trl"] |= {"num_generations": 2, "max_completion_length": 8, "beta": 0.04}
            data["trl"] |= {"reward_funcs": ["my_vowels.vowels"]}
            data["empathy"] = {"rewards": REWARDS}
        found = plan(data | keys)
        return dataclasses.replace(found, trainer={**found.trainer, "use_cpu": True})

    return planned


@pytest.fixture
def user_reward(tmp_path, monkeypatch):
    (tmp_path / "my_vowels.py").write_text(USER_REWARDS)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("my_vowels", None)


def load(base, found):
    """The model as Unsloth would hand it over."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(base)
    if found.adapter is not None:
        unsloths = ("random_state", "use_gradient_checkpointing")
        keys = {key: value for key, value in found.adapter.items() if key not in unsloths}
        model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **keys))
    return model, AutoTokenizer.from_pretrained(base)


def train(base, found):
    trainer = build_trainer(found, *load(base, found))
    return trainer, execute(found, trainer)


@pytest.mark.parametrize("method", tables.METHODS)
def test_two_real_steps(base, planned, user_reward, method):
    found = planned(method)
    trainer, line = train(base, found)
    folder = found.trainer["output_dir"]
    assert line.startswith(f"{folder}: 2 steps, ") and " s a step" in line
    history = [entry for entry in trainer.state.log_history if "loss" in entry]
    assert [entry["step"] for entry in history] == [1, 2]
    assert all(entry["grad_norm"] > 0 for entry in history)
    # TRL adds a frozen copy under another name as the reference; Unsloth turns the adapter off.
    moved = [p for name, p in trainer.model.named_parameters() if "lora_B.default" in name]
    assert len(moved) == 14 and all(weight.abs().max() > 0 for weight in moved)
    check_rewards(method, history)


def check_rewards(method, history):
    if method == "grpo":
        for entry in history:
            assert {f"rewards/{name}/mean" for name in ("vowels", *REWARDS)} <= entry.keys()
            assert entry["rewards/vowels/std"] > 0  # the user's function, behind the gate
            assert entry["structure/well_formed"] == 0.0
    elif method in ("dpo", "kto"):
        assert history[0]["rewards/chosen"] == 0.0  # the reference is the model itself


def test_the_adapter_is_saved_whole_and_a_run_goes_on(base, planned):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    found = planned("dpo")
    train(base, found)
    folder = found.trainer["output_dir"]
    saved = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), folder)
    assert saved.peft_config["default"].r == found.adapter["r"]
    assert AutoTokenizer.from_pretrained(folder).chat_template
    (Path(folder) / "checkpoint-9").mkdir()  # what a kill while saving leaves
    longer = dataclasses.replace(planned("dpo", max_steps=3), resume=True)
    trainer, line = train(base, longer)
    assert line.startswith(f"{folder}: 3 steps")
    logged = [entry["step"] for entry in trainer.state.log_history if "loss" in entry]
    assert logged == [1, 2, 3]  # the first two come from the checkpoint


def test_all_weights_are_trained_without_an_adapter(base, planned):
    none = dict.fromkeys(("adapter", "lora_r", "lora_alpha", "lora_target_linear"))
    found = planned("sft", **none)
    trainer, _ = train(base, found)
    assert all(weight.requires_grad for weight in trainer.model.parameters())


def test_evaluation_on_held_out_rows(base, planned):
    found = planned("dpo", val_set_size=2, eval_steps=1)
    trainer, _ = train(base, found)
    evaluated = [entry["step"] for entry in trainer.state.log_history if "eval_loss" in entry]
    assert evaluated == [0, 1, 2]


@pytest.mark.parametrize("method", tables.METHODS)
def test_config_classes_of_the_pinned_trl(planned, method):
    found = planned(method, seed=7, lr_scheduler="linear")
    made = config(found, rows=100)
    assert (
        type(made).__name__ == {"sft": "SFT", "grpo": "GRPO"}.get(method, method.upper()) + "Config"
    )
    assert (made.seed, made.lr_scheduler_type, made.max_steps) == (7, "linear", 2)


def test_a_value_that_trl_refuses_is_one_line(planned):
    with pytest.raises(InputError, match="SFTConfig: .*spiral") as error:
        config(planned("sft", lr_scheduler="spiral"), rows=100)
    assert "\n" not in str(error.value)


def test_grpo_without_rewards_is_refused(planned):
    found = planned("grpo")
    found.recipe.pop("empathy")
    found.recipe["trl"].pop("reward_funcs")
    with pytest.raises(InputError, match="needs rewards"):
        build_trainer(found, None, None)
