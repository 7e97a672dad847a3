"""Every shipped recipe maps fully or is refused with a list; no key is dropped without a word."""

import copy
from pathlib import Path

import pytest
import yaml

from emp_plugins.errors import InputError
from emp_tooling.train.unsloth import tables
from emp_tooling.train.unsloth.mapping import plan

RECIPES = sorted((Path(__file__).parents[3] / "recipes").glob("*.yml"))

REFUSED = {
    # several GPUs, which Unsloth's free engine does not shard over
    "llama31_dpo_cbt_fsdp2": {"fsdp_version", "fsdp_config"},
    "llama31_grpo_affective_zero3": {"deepspeed"},
    "qwen25_1p5b_grpo_empathy_ray": {"use_ray", "ray_num_workers", "resources_per_worker"},
    # generation by vLLM
    "llama31_grpo_affective_vllm_colocate": {
        *("vllm", "trl.use_vllm", "trl.vllm_mode", "trl.vllm_enable_sleep_mode")
    },
    "llama31_grpo_affective_vllm_server": {
        *("vllm", "trl.use_vllm", "trl.vllm_mode", "trl.vllm_server_host"),
        *("trl.vllm_server_port", "trl.vllm_server_timeout"),
    },
    # 32-bit training on a CPU
    "tiny_dpo_cbt": {"bf16"},
    "tiny_grpo_empathy": {"bf16"},
    "tiny_grpo_normalized": {"bf16"},
    "tiny_kto_cbt": {"bf16"},
    "tiny_orpo_cbt": {"bf16"},
    "tiny_sft": {"bf16"},
}
MAPPED = {
    "deepseek_r1_distill_llama8b_grpo_empathy": "grpo",
    "llama31_dpo_cbt": "dpo",
    "llama31_grpo_affective": "grpo",
    "llama31_grpo_empathy": "grpo",
    "llama31_kto_cbt": "kto",
    "llama31_orpo_cbt": "orpo",
    "llama31_sft_dialogues": "sft",
    "qwen25_1p5b_grpo_empathy": "grpo",
    "qwen25_7b_dpo_cbt": "dpo",
    "qwen25_7b_grpo_affective": "grpo",
    "smollm2_135m_dpo_cbt": "dpo",
}

LORA_KEYS = ("adapter", "lora_r", "lora_alpha", "lora_target_linear")


def test_all_shipped_recipes_are_known_here():
    assert {path.stem for path in RECIPES} == {*REFUSED, *MAPPED}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_shipped_recipes(refused, path):
    data = yaml.safe_load(path.read_text())
    if path.stem in REFUSED:
        assert refused(data) == REFUSED[path.stem]
    else:
        found = plan(data)
        assert found.method == MAPPED[path.stem]
        assert found.model["model_name"] == data["base_model"]
        assert found.trainer["learning_rate"] == data["learning_rate"]
        assert found.adapter["r"] == data["lora_r"]
        assert found.precision.half in ("bfloat16", None)


@pytest.mark.parametrize("name", [name for name in REFUSED if name.startswith("tiny")])
def test_the_tiny_recipes_map_in_16_bit(name):
    (path,) = (path for path in RECIPES if path.stem == name)
    found = plan(yaml.safe_load(path.read_text()) | {"bf16": "auto"})
    assert found.model["full_finetuning"] is (name == "tiny_sft")
    assert (found.adapter is None) is (name == "tiny_sft")


def test_mapping_leaves_the_recipe_alone(recipe):
    data = recipe("grpo", trl={"max_completion_length": 8, "beta": None}, fsdp=None)
    before = copy.deepcopy(data)
    assert plan(data) == plan(data)  # null says nothing, so fsdp is no complaint
    assert data == before


SAMPLES = {
    "adam_beta1": 0.5,
    "adam_beta2": 0.5,
    "adam_epsilon": 1e-3,
    "adapter": None,  # in an SFT recipe without the other keys
    "auto_resume_from_checkpoints": True,
    "base_model": "org/other",
    "bf16": "auto",
    "chat_template_jinja": "{{ messages }}",
    "dataloader_num_workers": 2,
    "dataloader_pin_memory": False,
    "dataloader_prefetch_factor": 3,
    "dataset_num_proc": 4,
    "datasets": [{"path": "b.jsonl", "type": "emp_plugins.pairs"}],
    "dpo_label_smoothing": 0.1,
    "dpo_loss_type": ["ipo"],
    "dpo_loss_weights": [0.5],
    "dpo_use_weighting": True,
    "eval_batch_size": 3,
    "eval_steps": 7,
    "eval_strategy": "epoch",
    "evals_per_epoch": 4,
    "excess_length_strategy": "raise",
    "fp16": True,
    "gradient_accumulation_steps": 5,
    "gradient_checkpointing": True,
    "kto_desirable_weight": 2.0,
    "kto_undesirable_weight": 2.0,
    "learning_rate": "2e-3",
    "load_in_4bit": True,
    "load_in_8bit": True,
    "logging_steps": 3,
    "lora_alpha": 99,
    "lora_dropout": 0.2,
    "lora_modules_to_save": ["embed_tokens"],
    "lora_r": 99,
    "lora_target_linear": False,  # beside the modules below
    "lora_target_modules": ["q_proj"],
    "lr_scheduler": "linear",
    "lr_scheduler_kwargs": {"num_cycles": 2},
    "max_grad_norm": 0.1,
    "max_steps": 11,
    "micro_batch_size": 6,
    "model_revision": "abc",
    "neftune_noise_alpha": 5,
    "num_epochs": 3,
    "optimizer": "adamw_8bit",
    "orpo_alpha": 0.4,
    "output_dir": "out/here",
    "peft_init_lora_weights": "gaussian",
    "peft_layers_pattern": ["layers"],
    "peft_layers_to_transform": [0],
    "peft_use_dora": True,
    "peft_use_rslora": True,
    "precompute_ref_log_probs": True,
    "remove_unused_columns": True,
    "resume_from_checkpoint": "out/checkpoint-3",
    "revision_of_model": "abc",
    "rl": "sft",
    "rl_beta": 0.7,
    "save_only_model": True,
    "save_steps": 13,
    "save_strategy": "no",
    "save_total_limit": 1,
    "saves_per_epoch": 4,
    "seed": 7,
    "sequence_len": 99,
    "shuffle_merged_datasets": False,
    "test_datasets": [{"path": "c.jsonl", "type": "emp_plugins.pairs"}],
    "tf32": True,
    "torch_empty_cache_steps": 3,
    "trackio_project_name": "p",
    "trackio_run_name": "r",
    "trackio_space_id": "org/space",
    "trl": {"max_completion_length": 99},
    "trust_remote_code": True,
    "use_tensorboard": True,
    "use_trackio": True,
    "use_wandb": True,
    "val_set_size": 0.1,
    "wandb_entity": "e",
    "wandb_log_model": "checkpoint",
    "wandb_mode": "offline",
    "wandb_name": "n",
    "wandb_project": "p",
    "wandb_run_id": "i",
    "wandb_watch": "all",
    "warmup_ratio": 0.3,
    "warmup_steps": 4,
    "weight_decay": 0.2,
}
METHOD_OF = {"kto_desirable_weight": "kto", "kto_undesirable_weight": "kto"} | {
    "orpo_alpha": "orpo",
    "neftune_noise_alpha": "sft",
    "trl": "grpo",
}
BESIDE = {
    "eval_steps": {"val_set_size": 0.1},
    "eval_strategy": {"val_set_size": 0.1},
    "evals_per_epoch": {"val_set_size": 0.1},
    "fp16": {"bf16": "auto"},
    "lora_target_linear": {"lora_target_modules": ["q_proj"]},
    "lora_target_modules": {"lora_target_linear": False},
    "num_epochs": {"saves_per_epoch": 4},
    "trackio_run_name": {"use_trackio": True},
}
"""What else the recipe has to say before a key means something."""

SEPARATE = {"adapter", "chat_template", "rl", "sample_packing", "train_on_inputs", "empathy"}
"""Keys with tests of their own, or with a single value."""


def without_recipe(data):
    return {name: value for name, value in vars(plan(data)).items() if name != "recipe"}


def test_every_known_key_has_a_sample(known):
    assert {*SAMPLES, *tables.NOT_NEEDED, *SEPARATE} == known


@pytest.mark.parametrize("key", sorted({*SAMPLES} - SEPARATE))
def test_a_known_key_changes_the_plan(recipe, key):
    """What is in a table is really read."""
    base = recipe(METHOD_OF.get(key, "dpo"), **BESIDE.get(key, {}))
    base.setdefault("lora_target_modules", ["o_proj"] if key == "lora_target_modules" else None)
    assert without_recipe(base | {key: SAMPLES[key]}) != without_recipe(base)


@pytest.mark.parametrize("key", sorted(tables.NOT_NEEDED))
def test_what_is_not_needed_changes_nothing(recipe, key):
    values = {
        "gradient_checkpointing_kwargs": {"use_reentrant": False},
        "plugins": ["emp_plugins.EmpathyPlugin"],
    }
    assert without_recipe(recipe() | {key: values.get(key, True)}) == without_recipe(recipe())


def test_the_method_decides(recipe):
    assert [plan(recipe(method)).method for method in tables.METHODS] == list(tables.METHODS)
    full = {key: value for key, value in recipe("sft").items() if key not in LORA_KEYS}
    assert plan(full).adapter is None and plan(full).model["full_finetuning"]


def test_a_wrong_type_is_one_line(recipe):
    with pytest.raises(InputError, match="wrong type"):
        plan(recipe(learning_rate="fast"))


def test_a_prequantized_checkpoint_loads_in_4_bit(recipe):
    model = plan(recipe(base_model="unsloth/Llama-3.1-8B-Instruct-bnb-4bit", adapter="qlora")).model
    assert model["load_in_4bit"] and model["use_exact_model_name"]
    assert model["model_name"] == "unsloth/Llama-3.1-8B-Instruct-bnb-4bit"


def test_what_the_engine_would_choose_is_chosen_by_the_recipe(recipe):
    """Each of these has another default in Unsloth."""
    found = plan(recipe("grpo"))
    explicit = {"weight_decay": 0.0, "seed": 42, "optim": "adamw_torch_fused", "beta": 0.0}
    assert found.trainer.items() >= explicit.items()
    assert found.model["random_state"] == found.adapter["random_state"] == 42


@pytest.mark.parametrize(
    ("keys", "beta"),
    [({}, 0.0), ({"rl_beta": 0.2}, 0.2), ({"rl_beta": 0.2, "trl": {"beta": 0.3}}, 0.3)],
)
def test_beta_of_grpo(recipe, keys, beta):
    """In Axolotl too the block wins over rl_beta, and neither means no KL term."""
    block = {"max_completion_length": 8} | keys.get("trl", {})
    assert plan(recipe("grpo", **{**keys, "trl": block})).trainer["beta"] == beta


@pytest.mark.parametrize(
    ("keys", "report", "name"),
    [
        ({}, [], None),
        ({"wandb_project": "p", "wandb_name": "n"}, ["wandb"], "n"),
        ({"use_tensorboard": True}, ["tensorboard"], None),
        ({"trackio_project_name": "p", "trackio_run_name": "t"}, ["trackio"], "t"),
    ],
)
def test_tracking_by_one_key(recipe, keys, report, name):
    found = plan(recipe(**keys))
    assert found.trainer["report_to"] == report and found.trainer.get("run_name") == name
    wandb = {key.upper(): value for key, value in keys.items() if key.startswith("wandb_")}
    assert found.environment == wandb
