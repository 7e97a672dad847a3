"""What a recipe says that the engine cannot do is refused by name, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_tooling.train.unsloth import tables
from emp_tooling.train.unsloth.mapping import plan
from emp_tooling.train.unsloth.refusals import NEVER, WHY, WHY_TRL

FAULTS = [
    ({"deepspeed": "z3.json"}, {"deepspeed"}, "several GPUs"),
    ({"fsdp": ["full_shard"], "fsdp_config": {}}, {"fsdp", "fsdp_config"}, "all are listed"),
    ({"flash_attention": True}, {"flash_attention"}, "Unsloth has its own"),
    ({"attn_implementation": "eager"}, {"attn_implementation"}, "Unsloth has its own"),
    ({"use_ray": True}, {"use_ray"}, "Ray"),
    ({"vllm": {"host": "h"}}, {"vllm"}, "a server"),
    ({"optimzer": "adamw_torch"}, {"optimzer"}, "a typo"),
    ({"optimizer": "muon"}, {"optimizer"}, "an optimizer of Axolotl's own"),
    ({"lr_scheduler": "rex"}, {"lr_scheduler"}, "a schedule of Axolotl's own"),
    ({"bf16": False}, {"bf16"}, "32 bits, where Unsloth would take bfloat16 without a word"),
    ({"sample_packing": True}, {"sample_packing"}, "packing is done otherwise"),
    ({"train_on_inputs": True}, {"train_on_inputs"}, "other tokens would be trained"),
    ({"excess_length_strategy": "truncate"}, {"excess_length_strategy"}, "rows would differ"),
    ({"chat_template": "chatml"}, {"chat_template"}, "Axolotl's own template"),
    ({"chat_template": "jinja"}, {"chat_template_jinja"}, "no template given"),
    ({"gradient_checkpointing": "offload_disk"}, {"gradient_checkpointing"}, "no such mode"),
    (
        {"gradient_checkpointing_kwargs": {"context_fn": "f"}},
        {"gradient_checkpointing_kwargs"},
        "a setting with an effect",
    ),
    ({"plugins": ["axolotl.integrations.liger.LigerPlugin"]}, {"plugins"}, "another plugin"),
    ({"rl": "simpo"}, {"rl", "rl_beta"}, "a method without a trainer here"),
    ({"kto_desirable_weight": 1.0}, {"kto_desirable_weight"}, "KTO's, in a DPO recipe"),
    ({"trl": {"beta": 0.1}}, {"trl"}, "GRPO's, in a DPO recipe"),
    ({"adapter": None}, {"adapter", "lora_r", "lora_alpha", "lora_target_linear"}, "no adapter"),
    ({"adapter": "qlora"}, {"load_in_4bit"}, "16-bit weights under the name of qlora"),
    ({"lora_r": None, "lora_target_linear": None}, {"lora_r", "lora_target_linear"}, "missing"),
    ({"base_model": None, "learning_rate": None}, {"base_model", "learning_rate"}, "missing"),
    ({"datasets": None}, {"datasets"}, "missing"),
    (
        {"datasets": [{"path": "a", "type": "chatml.intel", "shards": 3}]},
        {"datasets[0].type", "datasets[0].shards"},
        "a strategy of Axolotl's",
    ),
    ({"test_datasets": ["a.jsonl"]}, {"test_datasets[0]"}, "no mapping"),
    (
        {"lora_target_modules": ["q_proj", "model.embed_tokens", "lm_head"]},
        {"lora_target_modules"},
        "would be trained whole",
    ),
    (
        {"lora_modules_to_save": ["lm_head", "input_layernorm", "q_proj"]},
        {"lora_modules_to_save"},
        "cannot be trained whole",
    ),
]


@pytest.mark.parametrize(("change", "keys", "why"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_refused(recipe, refused, change, keys, why):
    assert refused(recipe(rl_beta=0.1) | change) == keys


TRL_FAULTS = [
    ({"use_vllm": True}, {"trl.use_vllm"}, "vLLM"),
    ({"num_generation": 8}, {"trl.num_generation"}, "a typo"),
    ({"use_adaptive_entropy": True}, {"trl.use_adaptive_entropy"}, "Unsloth's loss drops it"),
    ({"max_completion_length": None}, {"trl.max_completion_length"}, "missing"),
    ({"loss_type": "dapo"}, {"trl.epsilon_high"}, "Unsloth would set 0.28"),
    ({"loss_type": "cispo"}, {"trl.epsilon_high"}, "Unsloth would set 5.0"),
    ({"loss_type": "dr_grpo"}, {"trl.scale_rewards"}, "Unsloth would turn it off"),
    ({"loss_type": "dr_grpo", "scale_rewards": "group"}, {"trl.scale_rewards"}, "the same"),
    ({"async_prefetch": True}, {"trl.async_prefetch"}, "Axolotl's own trainer"),
]


@pytest.mark.parametrize(("change", "keys", "why"), TRL_FAULTS, ids=str)
def test_refused_in_the_trl_block(recipe, refused, change, keys, why):
    assert refused(recipe("grpo", trl={"max_completion_length": 8} | change)) == keys


def test_what_unsloth_would_replace_is_fine_when_written_out(recipe):
    for change in (
        {"loss_type": "dapo", "epsilon_high": 0.2},
        {"loss_type": "dr_grpo", "scale_rewards": False},
    ):
        block = {"max_completion_length": 8} | change
        assert plan(recipe("grpo", trl=block)).trainer.items() >= change.items()


words = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=20)
values = st.one_of(st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.integers()))


@given(st.dictionaries(words, values, min_size=1, max_size=4), st.sampled_from(tables.METHODS))
def test_any_unknown_key_is_refused_and_named(recipe, refused, known, extra, method):
    extra = {key: value for key, value in extra.items() if key not in known}
    if extra:
        assert refused(recipe(method) | extra) == {*extra}


@given(st.dictionaries(words, values, min_size=1, max_size=4))
def test_any_unknown_key_of_a_block_is_refused_and_named(recipe, refused, extra):
    allowed = {*tables.GRPO, *tables.REWARDS, *tables.DATASET}
    extra = {key: value for key, value in extra.items() if key not in allowed}
    data = recipe("grpo")
    data["trl"] |= extra
    data["datasets"][0] |= extra
    if extra:
        named = {f"trl.{key}" for key in extra} | {f"datasets[0].{key}" for key in extra}
        assert refused(data) == named


def test_reasons_are_given_only_for_what_is_refused(known):
    assert not {*WHY} & known
    assert not {*WHY_TRL} & {*tables.GRPO, *tables.REWARDS}
    assert {*NEVER} <= known
