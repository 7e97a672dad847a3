"""The memory estimate: its arithmetic, and the parts that can be weighed without a GPU."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.check.architectures import find
from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.memory import GIB, estimate
from emp_plugins.check.memory.run import Run
from emp_plugins.check.memory.trained import state_bytes, trainable
from emp_plugins.check.memory.weights import matrix_bytes
from emp_plugins.check.recipe import Recipe

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
DPO = {
    "base_model": LLAMA,
    "rl": "dpo",
    "adapter": "qlora",
    "load_in_4bit": True,
    "lora_r": 16,
    "lora_target_linear": True,
    "sequence_len": 1024,
    "micro_batch_size": 2,
    "optimizer": "paged_adamw_8bit",
    "bf16": True,
    "gradient_checkpointing": True,
}
GRPO = {
    **DPO,
    "rl": "grpo",
    "gradient_accumulation_steps": 4,
    "trl": {"max_completion_length": 512},
}
FULL = {"base_model": LLAMA, "bf16": True, "sequence_len": 512, "optimizer": "adamw_torch"}
LINEAR, PARAMETERS = 6_979_321_856, 8_030_261_248


def made(recipe, world_size=1, **keys):
    recipe = Recipe("a.yml", {**recipe, **keys}, world_size=world_size)
    return estimate(recipe, find(recipe.get("base_model")))


def size(found, name):
    return sum(part.bytes for part in found.parts if part.name == name)


def test_weights():
    ends = 2 * (PARAMETERS - LINEAR)
    assert size(made(DPO), "weights") == LINEAR * matrix_bytes(4, True, 2) + ends
    assert size(made(DPO, load_in_4bit=False), "weights") == 2 * PARAMETERS
    eight = {"load_in_4bit": False, "load_in_8bit": True}
    assert size(made(DPO, **eight), "weights") == LINEAR + ends
    assert size(made(DPO, load_in_4bit=False, bf16=False), "weights") == 4 * PARAMETERS
    prequantized = "unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit"
    assert size(made(DPO, base_model=prequantized), "weights") == size(made(DPO), "weights")


def test_full_fine_tuning():
    """Everything is trained; embedding, head and norms are float32 unless flash attention is on."""
    found = made(FULL)
    assert size(found, "weights") == 2 * LINEAR + 4 * (PARAMETERS - LINEAR)
    assert size(made(FULL, flash_attention=True), "weights") == 2 * PARAMETERS
    assert size(found, "gradients") == 2 * PARAMETERS
    assert size(found, "optimizer") == 4 * PARAMETERS
    assert size(found, "adapter") == 0


def test_reference():
    """A frozen copy of whatever is trained, for the methods that compare with one."""
    assert size(made(DPO), "reference model") == 0  # the base without its adapter
    full = made(FULL, rl="dpo")
    assert size(full, "reference model") == size(full, "weights")
    assert size(made(FULL, rl="dpo", precompute_ref_log_probs=True), "reference model") == 0
    assert size(made(FULL, rl="orpo"), "reference model") == 0
    with_kl = made(GRPO, trl={"max_completion_length": 512, "beta": 0.04})
    assert size(with_kl, "reference adapter") == 2 * size(with_kl, "adapter") > 0
    assert size(made(GRPO, rl_beta=0.04), "reference adapter") == size(with_kl, "reference adapter")
    off = {"max_completion_length": 512, "beta": 0}
    assert size(made(GRPO, rl_beta=0.04, trl=off), "reference adapter") == 0
    assert size(made(GRPO), "reference adapter") == 0


def test_adapter():
    shape = Shape.of(find(LLAMA))
    count = 16 * 32 * sum(item.inputs + item.outputs for item in shape.projections.values())
    recipe = Recipe("a.yml", DPO)
    assert trainable(recipe, shape) == count == 41_943_040
    assert size(made(DPO), "adapter") == 2 * count  # TRL casts it on a quantized base
    assert size(made(DPO, load_in_4bit=False), "adapter") == 4 * count
    assert size(made(DPO, rl=None), "adapter") == 4 * count  # Axolotl's own trainer does not


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ({"lora_r": 32}, 83_886_080),
        ({"peft_use_dora": True}, 41_943_040 + 32 * (2 * 4096 + 2 * 1024 + 2 * 14336 + 4096)),
        ({"lora_rank_pattern": {"q_proj": 32}}, 41_943_040 + 16 * 32 * 8192),
        ({"lora_modules_to_save": ["lm_head"]}, 41_943_040 + 128256 * 4096),
        ({"lora_target_linear": False, "lora_target_modules": "*"}, 0),  # no expression
    ],
)
def test_trainable(keys, count):
    assert trainable(Recipe("a.yml", {**DPO, **keys}), Shape.of(find(LLAMA))) == count


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("adamw_torch", 4, 8),
        ("adamw_torch_fused", 2, 4),
        ("paged_adamw_8bit", 4, 2 + 8 / 256),
        ("adamw_bnb_8bit", 2, 2 + 8 / 256),
        ("paged_adamw_32bit", 2, 8),
        ("lion_8bit", 4, 1 + 4 / 256),
        ("paged_lion_32bit", 2, 4),
        ("ademamix_8bit", 4, 3 + 12 / 256),
        ("adafactor", 4, 0),
        ("sgd", 4, 0),
        ("something_new", 4, 8),
    ],
)
def test_optimizer(name, size, expected):
    run = Run.of(Recipe("a.yml", {**DPO, "optimizer": name}), find(LLAMA))
    assert state_bytes(run, size)[0] == expected


SHARDED = {
    "fsdp": {"fsdp_config": {"reshard_after_forward": True}},
    "zero3": {"deepspeed": "deepspeed_configs/zero3_bf16.json"},
}


@pytest.mark.parametrize("keys", SHARDED.values(), ids=SHARDED)
def test_everything_is_split(keys):
    whole, split = (
        made(FULL, flash_attention=True, **keys),
        made(FULL, 4, flash_attention=True, **keys),
    )
    for name in ("weights", "gradients", "optimizer"):
        assert size(split, name) == size(whole, name) / 4
    assert size(split, "logits") == size(whole, "logits")
    assert "on each of 4 GPUs" in str(split)


def test_plain_data_parallel_splits_nothing():
    assert made(FULL, 4).bytes == made(FULL).bytes


def test_deepspeed_file(tmp_path):
    path = tmp_path / "any.json"
    offload = {"stage": 2, "offload_optimizer": {"device": "cpu"}}
    path.write_text(json.dumps({"zero_optimization": offload}))
    found = made(FULL, 2, deepspeed=str(path))
    assert size(found, "optimizer") == 0
    assert size(found, "gradients") == PARAMETERS
    path.write_text("{")  # another check says that it is broken
    assert size(made(FULL, 2, deepspeed=str(path)), "gradients") == 2 * PARAMETERS


def test_logits_follow_the_method():
    tokens = 2 * 2 * 1024
    assert size(made(DPO), "logits") == tokens * 128256 * 16
    assert size(made(DPO, rl="orpo"), "logits") == tokens * 128256 * 18
    only_completions = 2 * 512 * 128256 * 16
    assert size(made(GRPO, trl={"max_completion_length": 512}), "logits") == only_completions
    fused = made(DPO, dpo_use_liger_kernel=True)
    assert size(fused, "logits") < size(made(DPO), "logits") / 3


def test_checkpointing():
    kept = size(made(DPO), "activations")
    assert kept == 32 * 4 * 1024 * 2 * 4096
    assert size(made(DPO, gradient_checkpointing=False), "activations") > 10 * kept
    assert size(made(DPO, gradient_checkpointing="offload"), "activations") == 0


def test_generation():
    found = made(GRPO)
    assert size(found, "KV cache") == 2 * 4 * 1024 * 131_072  # 128 KiB a token
    assert size(made(GRPO, gradient_accumulation_steps=8), "KV cache") == 16 * 1024 * 131_072
    batch = {"max_completion_length": 512, "generation_batch_size": 24}
    assert size(made(GRPO, 2, trl=batch), "KV cache") == 12 * 1024 * 131_072
    assert size(made(DPO), "KV cache") == 0


def test_phases_take_turns():
    found = made(GRPO, gradient_accumulation_steps=64)
    assert found.phase == "generation"
    assert found.bytes < sum(part.bytes for part in found.parts)
    assert "training needs" in str(found)


def test_vllm_on_a_server():
    rest = made(GRPO, trl={"use_vllm": True, "vllm_mode": "server"})
    assert size(rest, "KV cache") == size(rest, "vLLM") == 0


@pytest.mark.parametrize("sleeps", [True, False])
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9])
def test_vllm_beside_the_trainer(share, sleeps):
    """Of the smallest card its share holds the weights once more, and the remainder all else."""
    trl = {"use_vllm": True, "vllm_mode": "colocate", "vllm_enable_sleep_mode": sleeps}
    found = made(GRPO, trl=trl, vllm={"gpu_memory_utilization": share})
    always = sum(part.bytes for part in found.parts if part.phase == "always")
    rest = always if sleeps else found.bytes - size(found, "vLLM")
    card = size(found, "vLLM") + rest
    needed = 2 * PARAMETERS + 2 * 4 * 1024 * 131_072 + GIB
    assert share * card == pytest.approx(needed) or (1 - share) * card == pytest.approx(rest)
    assert share * card >= needed * 0.999
    assert (1 - share) * card >= rest * 0.999


def test_judges(tmp_path):
    hub = {"backend": "hf", "model": "SamLowe/roberta-base-go_emotions"}
    blocks = {"emotion": hub, "similarity": {"backend": "embedded"}}
    found = made(GRPO, empathy={"judges": blocks})
    assert size(found, "judges") == 2 * 124_700_000
    assert (
        size(made(GRPO, empathy={"judges": {"emotion": {**hub, "device": "cpu"}}}), "judges") == 0
    )
    assert size(made(DPO, empathy={"judges": blocks}), "judges") == 0  # no rewards there
    (tmp_path / "model.safetensors").write_bytes(bytes(4000))
    local = {"backend": "hf", "model": str(tmp_path), "dtype": "float32"}
    assert size(made(GRPO, empathy={"judges": {"emotion": local}}), "judges") == 4000


def test_as_text():
    text = str(made(DPO))
    assert text.startswith("about ")
    assert "GiB on the GPU for sequences of 1,024 tokens (CUDA context 0.8, weights 5.3, " in text
    assert text.endswith("unverified estimate)")
    for part in made(DPO).parts:
        assert part.formula


def test_unknown_model_type():
    assert estimate(Recipe("a.yml", DPO), {"model_type": "mamba"}) is None


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 9),
    st.text(max_size=5),
    st.just([1]),
    st.just({"a": 1}),
)


@given(
    st.dictionaries(st.sampled_from([*GRPO, "vllm", "deepspeed", "fsdp_config", "empathy"]), JUNK)
)
def test_never_fails_on_a_wrong_type(junk):
    """Other checks name what is wrong; this one reckons with what is left."""
    recipe = Recipe("a.yml", {**GRPO, **junk})
    assert estimate(recipe, find(LLAMA)).bytes > 0.8 * GIB


@pytest.mark.parametrize("key", ["sequence_len", "micro_batch_size", "lora_r"])
@given(a=st.integers(1, 4096), b=st.integers(1, 4096))
def test_more_takes_more(key, a, b):
    low, high = sorted((a, b))
    for recipe in (DPO, GRPO):
        assert made(recipe, **{key: low}).bytes <= made(recipe, **{key: high}).bytes


@given(st.integers(1, 64))
def test_more_gpus_need_no_more_on_each(world):
    """But for the layers that each of them gathers from the others."""
    split = made(FULL, world, deepspeed="zero3.json")
    assert (
        split.bytes - 1.05 * size(split, "gathered layers")
        <= made(FULL, deepspeed="zero3.json").bytes
    )
