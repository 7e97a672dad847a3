"""What Axolotl's validators and builders know about keys, and its models do not say."""

from __future__ import annotations

INSTEAD = {
    "dataset_processes": "dataset_num_proc",
    "dpo_beta": "rl_beta",
    "eager_attention": "attn_implementation: eager",
    "eval_max_new_tokens": "generation_max_new_tokens",
    "eval_table_size": "generate_samples: true and num_generation_samples",
    "evaluation_strategy": "eval_strategy",
    "flash_attention": "attn_implementation: flash_attention_2",
    "flex_attention": "attn_implementation: flex_attention",
    "fsdp": "fsdp_config",
    "fsdp_final_state_dict_type": "fsdp_config.final_state_dict_type",
    "gc_steps": "torch_empty_cache_steps and gc_collect_steps",
    "noisy_embedding_alpha": "neftune_noise_alpha",
    "pretrain_multipack_buffer_size": "streaming_multipack_buffer_size",
    "rope_scaling": "rope_scaling under overrides_of_model_config",
    "sage_attention": "attn_implementation: sage",
    "sdp_attention": "attn_implementation: sdpa",
    "xformers_attention": "attn_implementation: xformers",
}
"""Deprecated key of the top level to what replaces it."""

DATASET_INSTEAD = {
    "message_field_content": "message_property_mappings: {content: …}",
    "message_field_role": "message_property_mappings: {role: …}",
}
"""The same for the keys of a data set."""

UNSLOTH = (
    "unsloth_cross_entropy_loss",
    "unsloth_lora_mlp",
    "unsloth_lora_qkv",
    "unsloth_lora_o",
    "unsloth_rms_norm",
    "unsloth_rope",
)
"""Keys that a validator refuses although no model has them."""

READ_BEFORE = ("inference",)
"""Keys that no model has and that a validator reads all the same."""

DROPPED = {
    "debug": "pass --debug on the command line",
    "gptq_disable_exllama": "leave it out",
}
"""Keys that code still asks for, but that no model lets through, to what to do instead."""

ADAPTERS = ("lora", "qlora", "llama-adapter", "mora")
"""Axolotl's own, and its integration's."""

DTYPE_ALIASES = ("float8", "fp8")
"""Further names of float8_e4m3fn in quantization and qat."""

SCHEDULERS = ("one_cycle", "rex")
"""Axolotl's own, beside those of transformers."""
