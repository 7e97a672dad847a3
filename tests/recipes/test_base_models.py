"""One recipe, only its `base_model:` edited: six architectures train by DPO and by GRPO."""

import pytest

from .trained import SEVEN, Job

pytestmark = pytest.mark.train
FUSED = {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"}  # q, k, v in one, gate and up in one
TARGETS = {
    "llama": SEVEN,
    "qwen2": SEVEN,
    "qwen3": SEVEN,
    "mistral": SEVEN,
    "gemma": SEVEN,
    "phi3": FUSED,
}
LAYERS = 2
LINE = "base_model: build/tiny_sft"
SMALL = {
    "dpo": {"micro_batch_size": 2},
    # scores whole replies: random weights write none with tags, and equal rewards teach nothing
    "grpo": {"micro_batch_size": 8, "trl__max_completion_length": 32, "empathy__answer": "whole"},
}
RECIPES = {"dpo": "tiny_dpo_cbt", "grpo": "tiny_grpo_empathy"}


@pytest.fixture(scope="module")
def trained(train, workshop):
    jobs = {}
    for method, recipe in RECIPES.items():
        text = (workshop / f"recipes/{recipe}.yml").read_text()
        assert text.count(LINE) == 1
        for arch in TARGETS:
            path = workshop / f"{method}_{arch}.yml"
            path.write_text(text.replace(LINE, f"base_model: build/{arch}"))
            overrides = {**SMALL[method], "max_steps": 2, "warmup_steps": 0}
            jobs[path.stem] = Job(path.name, overrides)
    return train(jobs)


@pytest.mark.parametrize("arch", TARGETS)
@pytest.mark.parametrize("method", RECIPES)
def test_two_steps_adapt_every_projection(trained, method, arch):
    """The adapter's configuration names all kinds, and its weights moved in every layer."""
    done = trained[f"{method}_{arch}"]
    assert len(done.losses) == done.state["global_step"] == 2
    assert done.targets == TARGETS[arch]
    expected = {
        f"model.layers.{layer}.{block_of(kind)}.{kind}"
        for layer in range(LAYERS)
        for kind in TARGETS[arch]
    }
    assert set(done.moved) == expected
    assert all(done.moved.values())


def block_of(projection):
    """The part of a layer that holds a projection."""
    attention = {"q_proj", "k_proj", "v_proj", "qkv_proj", "o_proj"}
    return "self_attn" if projection in attention else "mlp"
