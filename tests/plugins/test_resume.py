"""A killed run goes on from its last whole checkpoint, with the adapter that it had trained."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.resume import checkpoints, is_whole, pin_checkpoint, restore_adapter

STATE = json.dumps({"global_step": 2})


def run(folder, **states):
    for name, state in states.items():
        checkpoint = folder / f"checkpoint-{name[1:]}"
        checkpoint.mkdir(parents=True)
        if state is not None:
            (checkpoint / "trainer_state.json").write_text(state)
    return {"auto_resume_from_checkpoints": True, "output_dir": str(folder)}


@pytest.mark.parametrize(
    ("states", "resumed", "auto"),
    [
        ({}, None, True),  # nothing to resume from
        ({"c2": STATE}, None, True),  # Axolotl finds the last one by itself
        ({"c2": STATE, "c10": STATE}, None, True),
        ({"c2": STATE, "c4": None}, "checkpoint-2", True),  # killed before the state was written
        ({"c2": STATE, "c4": STATE[:5]}, "checkpoint-2", True),  # … while it was
        ({"c2": STATE, "c9": STATE, "c10": None}, "checkpoint-9", True),  # by number, not by name
        ({"c2": None}, None, False),  # start anew instead of failing
    ],
)
def test_last_whole_checkpoint(tmp_path, states, resumed, auto):
    cfg = run(tmp_path, **states)
    for _ in range(2):  # Ray registers a second time
        pin_checkpoint(cfg)
        found = cfg.get("resume_from_checkpoint")
        assert (found and found.rpartition("/")[2]) == resumed
        assert cfg["auto_resume_from_checkpoints"] is auto


@pytest.mark.parametrize(
    "keys",
    [{"auto_resume_from_checkpoints": False}, {"resume_from_checkpoint": "mine"}],
    ids=["not asked", "named by the user"],
)
def test_what_the_user_says_stands(tmp_path, keys):
    cfg = {**run(tmp_path, c2=STATE, c4=None), **keys}
    before = dict(cfg)
    pin_checkpoint(cfg)
    assert cfg == before


@given(st.sets(st.integers(0, 10**6), max_size=8))
def test_in_the_order_of_their_steps(tmp_path_factory, numbers):
    folder = tmp_path_factory.mktemp("run")
    for number in numbers:
        (folder / f"checkpoint-{number}").mkdir()
    (folder / "checkpoint-best").mkdir()
    assert [int(path.name[11:]) for path in checkpoints(folder)] == sorted(numbers)
    assert not any(map(is_whole, checkpoints(folder)))


def test_the_adapter_comes_back_where_a_reference_lies_beside_it(tmp_path):
    torch = pytest.importorskip("torch", reason="needs the train extra")
    peft = pytest.importorskip("peft", reason="needs the train extra")
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2}
    config = LlamaConfig(vocab_size=32, num_hidden_layers=1, **sizes)
    lora = peft.LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM")
    trained = peft.get_peft_model(LlamaForCausalLM(config), lora)
    for name, weight in trained.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    trained.save_pretrained(tmp_path)
    fresh = peft.get_peft_model(LlamaForCausalLM(config), lora)
    assert not restore_adapter(fresh, tmp_path)  # transformers loads a lone adapter by itself
    (tmp_path / "ref").mkdir()
    assert restore_adapter(fresh, tmp_path)
    wanted = peft.get_peft_model_state_dict(trained)
    for name, weight in peft.get_peft_model_state_dict(fresh).items():
        assert torch.equal(weight, wanted[name])
