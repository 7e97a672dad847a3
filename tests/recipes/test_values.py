"""The numbers of the shipped recipes, and variants that differ in their block alone."""

import json
from pathlib import Path

import pytest
import yaml

from emp_plugins.check.architectures import find
from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.memory.generation import cache_bytes
from emp_plugins.config import EmpathyConfig

ROOT = Path(__file__).parents[2]
GPUS = {"llama31_dpo_cbt_fsdp2": 2}
"""Processes that share one step, where it stays as large as the varied recipe's."""

BATCH = {"micro_batch_size", "gradient_accumulation_steps"}
ONE_CARD = {"adapter", "load_in_4bit", *BATCH}
VARIANTS = {  # recipe -> what it varies, and the keys that may differ from that
    "llama31_grpo_affective_vllm_colocate": (
        "llama31_grpo_affective",
        {"vllm", "trl", "optimizer", *ONE_CARD},
    ),
    "llama31_grpo_affective_vllm_server": (
        "llama31_grpo_affective",
        {"vllm", "trl", "optimizer", *ONE_CARD},
    ),
    "llama31_grpo_affective_zero3": (
        "llama31_grpo_affective",
        {"deepspeed", "optimizer", "adapter", "load_in_4bit", "gradient_checkpointing_kwargs"},
    ),
    "llama31_dpo_cbt_fsdp2": (
        "llama31_dpo_cbt",
        {"fsdp_version", "fsdp_config", "optimizer", *ONE_CARD},
    ),
    "qwen25_1p5b_grpo_empathy_ray": (
        "qwen25_1p5b_grpo_empathy",
        {"use_ray", "ray_num_workers", "resources_per_worker"},
    ),
    "llama31_orpo_cbt": (
        "llama31_dpo_cbt",
        {
            "rl",
            "rl_beta",
            "orpo_alpha",
            "datasets",
            "test_datasets",
            "remove_unused_columns",
            *BATCH,
        },
    ),
    "qwen25_7b_dpo_cbt": ("llama31_dpo_cbt", {"base_model", *BATCH}),
    "qwen25_7b_grpo_affective": ("llama31_grpo_affective", {"base_model"}),
    "tiny_grpo_normalized": ("tiny_grpo_empathy", {"trl"}),
}


def load(name):
    return yaml.safe_load((ROOT / f"recipes/{name}.yml").read_text())


def step(recipe, name):
    """Rows of one optimizer step on all GPUs together."""
    gpus = GPUS.get(name, 1)
    return recipe["micro_batch_size"] * recipe["gradient_accumulation_steps"] * gpus


@pytest.mark.parametrize(("name", "base", "keys"), [(n, *rest) for n, rest in VARIANTS.items()])
def test_a_variant_is_the_same_recipe_but_for_its_block(name, base, keys):
    recipe, other = load(name), load(base)
    differ = {key for key in recipe.keys() | other.keys() if recipe.get(key) != other.get(key)}
    assert differ <= keys | {"output_dir"}
    assert step(recipe, name) == step(other, base) or name == "llama31_grpo_affective_zero3"
    if "trl" in differ:
        assert recipe["trl"].items() > other["trl"].items()  # more, and nothing else
    if "datasets" in differ:
        assert [d["path"] for d in recipe["datasets"]] == [d["path"] for d in other["datasets"]]


def test_flagship_is_the_published_configuration():
    recipe = load("llama31_grpo_empathy")
    assert recipe["base_model"] == "meta-llama/Llama-3.1-8B-Instruct"
    assert (recipe["lora_r"], recipe["lora_alpha"], recipe["load_in_4bit"]) == (32, 32, True)
    assert (recipe["trl"]["num_generations"], recipe["trl"]["beta"]) == (3, 0.04)
    assert (recipe["max_steps"], recipe["learning_rate"]) == (250, 5e-6)
    assert (recipe["lr_scheduler"], recipe["warmup_steps"]) == ("cosine", 0.1 * 250)
    published = {"semantic_similarity", "empathy", "structure", "safety"}
    audited = {"affective_shift", "novelty", "brevity", "tone"}  # what wins without them: emp audit
    assert set(recipe["empathy"]["rewards"]) == published | audited


def test_affective_grpo_is_the_published_configuration():
    recipe = load("llama31_grpo_affective")
    assert (recipe["trl"]["num_generations"], recipe["trl"]["beta"]) == (8, 0.04)
    assert (recipe["learning_rate"], recipe["trl"]["max_completion_length"]) == (5e-6, 512)
    assert recipe["sequence_len"] == 512 + 512
    published = {"affective_shift", "safety", "structure"}
    audited = {"novelty", "brevity", "tone"}  # what wins without them: emp audit
    assert set(recipe["empathy"]["rewards"]) == published | audited


def test_dpo_is_the_published_configuration():
    recipe = load("llama31_dpo_cbt")
    assert (recipe["adapter"], recipe["load_in_4bit"]) == ("qlora", True)
    assert (recipe["lora_r"], recipe["lora_alpha"], recipe["lora_dropout"]) == (16, 16, 0)
    assert recipe["lora_target_modules"] == ["q_proj", "k_proj", "v_proj", "o_proj"]
    assert (recipe["rl_beta"], recipe["learning_rate"], recipe["max_steps"]) == (0.1, 5e-5, 1000)
    assert (recipe["micro_batch_size"], recipe["gradient_accumulation_steps"]) == (2, 4)
    assert recipe["sequence_len"] == 2048
    text = " ".join((ROOT / "recipes/llama31_dpo_cbt.yml").read_text().replace("#", "").split())
    assert "A high beta holds it nearer: 0.5 suits a base model that is already safe" in text


def test_r1_writes_no_opening_tag_and_only_its_answer_is_read(monkeypatch):
    monkeypatch.chdir(ROOT)
    config = EmpathyConfig.from_recipe(load("deepseek_r1_distill_llama8b_grpo_empathy"))
    found = config.resolved_template.parse("They lost a friend.\n</think>\n\nI am so sorry.")
    assert found.well_formed and found.answer == "I am so sorry."
    assert found.reasoning == "They lost a friend."


def test_zero3_shards_what_it_says_and_saves_whole_weights():
    settings = json.loads((ROOT / load("llama31_grpo_affective_zero3")["deepspeed"]).read_text())
    zero = settings["zero_optimization"]
    assert zero["stage"] == 3 and zero["stage3_gather_16bit_weights_on_model_save"]
    assert settings["bf16"] == {"enabled": True}
    batch = ("train_batch_size", "train_micro_batch_size_per_gpu", "gradient_accumulation_steps")
    assert {settings[key] for key in batch} == {"auto"}  # the recipe decides


def test_vllm_can_start_beside_the_trainer():
    """It wants cache for one sequence of the model's own length, and Axolotl passes no other on."""
    recipe = load("llama31_grpo_affective_vllm_colocate")
    shape = Shape.of(find(recipe["base_model"]))
    work = 2 * 2**30  # of vLLM itself
    needed = 2 * shape.parameters + cache_bytes(shape, shape.positions, 2) + work
    assert needed <= recipe["vllm"]["gpu_memory_utilization"] * 79 * 2**30  # what 80 GB hold
