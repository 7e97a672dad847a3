"""Which key of a recipe is which argument of Unsloth or TRL; a key in no table is refused.

A table holds ``key: argument``. The values pass unchanged unless `mapping` says otherwise.
"""

from __future__ import annotations

METHODS = ("sft", "dpo", "kto", "orpo", "grpo")

TRAINER = {
    "adam_beta1": "adam_beta1",
    "adam_beta2": "adam_beta2",
    "adam_epsilon": "adam_epsilon",
    "dataloader_num_workers": "dataloader_num_workers",
    "dataloader_pin_memory": "dataloader_pin_memory",
    "dataloader_prefetch_factor": "dataloader_prefetch_factor",
    "eval_batch_size": "per_device_eval_batch_size",
    "gradient_accumulation_steps": "gradient_accumulation_steps",
    "learning_rate": "learning_rate",
    "lr_scheduler": "lr_scheduler_type",
    "lr_scheduler_kwargs": "lr_scheduler_kwargs",
    "max_grad_norm": "max_grad_norm",
    "micro_batch_size": "per_device_train_batch_size",
    "optimizer": "optim",
    "output_dir": "output_dir",
    "remove_unused_columns": "remove_unused_columns",
    "save_only_model": "save_only_model",
    "save_total_limit": "save_total_limit",
    "seed": "seed",
    "torch_empty_cache_steps": "torch_empty_cache_steps",
    "weight_decay": "weight_decay",
}
"""Arguments of transformers' ``TrainingArguments``, which every trainer of TRL takes."""

DEFAULTS = {
    "gradient_accumulation_steps": 1,
    "logging_nan_inf_filter": True,
    "lr_scheduler_type": "cosine",
    "optim": "adamw_torch_fused",
    "output_dir": "./model-out",
    "per_device_train_batch_size": 1,
    "save_total_limit": 4,
    "seed": 42,
    "torch_empty_cache_steps": None,
    "weight_decay": 0.0,
}
"""What Axolotl assumes where a recipe says nothing; TRL and Unsloth assume other values."""

BY_METHOD = {
    "sft": {"neftune_noise_alpha": "neftune_noise_alpha"},
    "dpo": {
        "dpo_label_smoothing": "label_smoothing",
        "dpo_loss_type": "loss_type",
        "dpo_loss_weights": "loss_weights",
        "dpo_use_weighting": "use_weighting",
        "precompute_ref_log_probs": "precompute_ref_log_probs",
        "rl_beta": "beta",
    },
    "kto": {
        "kto_desirable_weight": "desirable_weight",
        "kto_undesirable_weight": "undesirable_weight",
        "rl_beta": "beta",
    },
    "orpo": {"orpo_alpha": "beta", "rl_beta": "beta"},  # the later one wins, as in Axolotl
    "grpo": {"rl_beta": "beta"},
}
"""Keys that only some methods use; under another method Axolotl drops them without a word."""

BETA = {"dpo": 0.1, "kto": 0.1, "orpo": 0.1, "grpo": 0.0}
"""TRL's own defaults, passed on because Unsloth replaces some of them."""

GRPO = {
    "beta": "beta",
    "entropy_coef": "entropy_coef",
    "epsilon": "epsilon",
    "epsilon_high": "epsilon_high",
    "generation_batch_size": "generation_batch_size",
    "importance_sampling_level": "importance_sampling_level",
    "log_completions": "log_completions",
    "loss_type": "loss_type",
    "mask_truncated_completions": "mask_truncated_completions",
    "max_completion_length": "max_completion_length",
    "min_p": "min_p",
    "multi_objective_aggregation": "multi_objective_aggregation",
    "num_completions_to_print": "num_completions_to_print",
    "num_generations": "num_generations",
    "num_iterations": "num_iterations",
    "off_policy_mask_threshold": "off_policy_mask_threshold",
    "repetition_penalty": "repetition_penalty",
    "scale_rewards": "scale_rewards",
    "temperature": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "use_bias_correction_kl": "use_bias_correction_kl",
}
"""Keys of the ``trl:`` block that are arguments of ``GRPOConfig``."""

GRPO_DEFAULTS = {
    "log_completions": False,
    "mask_truncated_completions": False,
    "num_generations": 8,
    "scale_rewards": True,
}

REWARDS = ("reward_funcs", "reward_weights")
"""Keys of the ``trl:`` block that `rewards` reads."""

ADAPTER = {
    "lora_alpha": "lora_alpha",
    "lora_dropout": "lora_dropout",
    "lora_modules_to_save": "modules_to_save",
    "lora_r": "r",
    "peft_init_lora_weights": "init_lora_weights",
    "peft_layers_pattern": "layers_pattern",
    "peft_layers_to_transform": "layers_to_transform",
    "peft_use_dora": "use_dora",
    "peft_use_rslora": "use_rslora",
}
"""Arguments of ``FastLanguageModel.get_peft_model``."""

MODEL = {
    "base_model": "model_name",
    "load_in_4bit": "load_in_4bit",
    "load_in_8bit": "load_in_8bit",
    "model_revision": "revision",
    "revision_of_model": "revision",
    "sequence_len": "max_seq_length",
    "trust_remote_code": "trust_remote_code",
}
"""Arguments of ``FastLanguageModel.from_pretrained``."""

DATASET = ("data_files", "ds_type", "name", "path", "revision", "split", "type")
SFT_DATASET = ("field_messages", "roles_to_train")
"""Keys of an entry of ``datasets:`` that `datasets` and `chat` read."""

TRANSFORMS = {
    "sft": ("chat_template",),
    "dpo": ("emp_plugins.pairs",),
    "kto": ("emp_plugins.kto",),
    "orpo": ("emp_plugins.orpo", "emp_plugins.pairs"),
    "grpo": ("emp_plugins.prompts", "emp_plugins.wassa"),
}
"""Values of ``type:`` that this engine can apply, by method."""

TRACKING = (
    "trackio_project_name",
    "trackio_run_name",
    "trackio_space_id",
    "use_tensorboard",
    "use_trackio",
    "use_wandb",
    "wandb_entity",
    "wandb_log_model",
    "wandb_mode",
    "wandb_name",
    "wandb_project",
    "wandb_run_id",
    "wandb_watch",
)

SCHEDULE = (
    "eval_steps",
    "eval_strategy",
    "evals_per_epoch",
    "logging_steps",
    "max_steps",
    "num_epochs",
    "save_steps",
    "save_strategy",
    "saves_per_epoch",
    "warmup_ratio",
    "warmup_steps",
)

OTHERS = (
    "adapter",
    "auto_resume_from_checkpoints",
    "bf16",
    "chat_template",
    "chat_template_jinja",
    "dataset_num_proc",
    "datasets",
    "empathy",
    "excess_length_strategy",
    "fp16",
    "gradient_checkpointing",
    "lora_target_linear",
    "lora_target_modules",
    "resume_from_checkpoint",
    "rl",
    "shuffle_merged_datasets",
    "test_datasets",
    "tf32",
    "trl",
    "val_set_size",
)
"""Keys that `mapping` reads one by one, since they are no plain argument."""

NOT_NEEDED = {
    "dataset_keep_in_memory": "rows are prepared in memory on every start",
    "dataset_prepared_path": "rows are prepared in memory on every start",
    "gradient_checkpointing_kwargs": "Unsloth recomputes in a way of its own; same gradients",
    "hf_use_auth_token": "the login of `hf auth login` is used anyway",
    "lora_mlp_kernel": "Unsloth has kernels of its own; same numbers",
    "lora_o_kernel": "Unsloth has kernels of its own; same numbers",
    "lora_qkv_kernel": "Unsloth has kernels of its own; same numbers",
    "pad_to_sequence_len": "padding is masked, so its amount changes no result",
    "plugins": "what the plugin does is done here",
}
"""Keys that change nothing here, and why; `refusals` limits the values of some."""
