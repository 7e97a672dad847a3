"""What a recipe says that the Unsloth engine cannot do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emp_plugins.check.finding import nearest
from emp_plugins.reward_funcs import PLUGIN_NAMES
from emp_tooling.train.unsloth import tables

Refusal = tuple[str, str]

UNKNOWN = "this engine has no such setting"
SEVERAL = "this engine trains on one GPU"
ATTENTION = "Unsloth brings its own attention"
VLLM = "this engine generates with Unsloth's own kernels"

WHY = {
    "attn_implementation": ATTENTION,
    "ddp": SEVERAL,
    "deepspeed": SEVERAL,
    "flash_attention": ATTENTION,
    "flex_attention": ATTENTION,
    "fsdp": SEVERAL,
    "fsdp_config": SEVERAL,
    "fsdp_version": SEVERAL,
    "lora_model_dir": "start from the merged model instead",
    "ray_num_workers": SEVERAL,
    "ray_run_name": SEVERAL,
    "resources_per_worker": SEVERAL,
    "sdp_attention": ATTENTION,
    "use_ray": SEVERAL,
    "vllm": VLLM,
    "xformers_attention": ATTENTION,
}
"""Reasons for keys that recipes often hold; the others get ``UNKNOWN``."""

WHY_TRL = {
    "async_prefetch": VLLM,
    "use_adaptive_entropy": "Unsloth's loss drops it",
    "use_data_producer": VLLM,
    "use_vllm": VLLM,
    "vllm_enable_sleep_mode": VLLM,
    "vllm_mode": VLLM,
    "vllm_server_host": VLLM,
    "vllm_server_port": VLLM,
    "vllm_server_timeout": VLLM,
}

ONLY = {
    "adapter": ("lora", "qlora"),
    "chat_template": ("tokenizer_default", "jinja"),
    "excess_length_strategy": ("drop", "raise"),
    "gradient_checkpointing": (True, False, "offload"),
    "rl": tables.METHODS,
    "sample_packing": (False,),
    "train_on_inputs": (False,),
}
"""Keys of which only these values can be done."""

NEVER = {
    "lr_scheduler": ("one_cycle", "rex"),
    "optimizer": (
        "adamc",
        "adopt_adamw",
        "ao_adamw_4bit",
        "ao_adamw_8bit",
        "ao_adamw_fp8",
        "came_pytorch",
        "dion",
        "flash_adam",
        "flash_adamw",
        "flash_lion",
        "flash_sgd",
        "flash_sgdw",
        "muon",
        "optimi_adamw",
        "polora",
        "q_galore_adamw8bit",
        "sinkgd",
    ),
}
"""Values that only Axolotl knows."""

LORA_TARGETS = ("lora_target_linear", "lora_target_modules")
EMBEDDINGS = ("embed_tokens", "lm_head")
"""Modules that Unsloth trains whole or not at all."""

HALF = "Unsloth trains in 16 bit: write `bf16: auto`, or `fp16: true`"
REFERENCE = "without an adapter the reference would be a second model; write lora or qlora"
OVERRIDES = {
    "cispo": ("epsilon_high", "Unsloth would set 5.0 for this loss_type: write the number"),
    "dapo": ("epsilon_high", "Unsloth would set 0.28 for this loss_type: write the number"),
}
"""A ``loss_type`` for which Unsloth replaces a setting that the recipe leaves out."""


def refusals(recipe: Mapping[str, Any]) -> list[Refusal]:
    """Everything in a recipe that would have to be ignored.

    Args:
        recipe: The keys that say something: none of the values is None.

    Returns:
        Key and reason, in the order of the recipe.

    Example:
        >>> refusals({"base_model": "org/name", "learning_rate": 1e-4, "deepspeed": "z3.json"})
        [('deepspeed', 'this engine trains on one GPU'), ('datasets', 'missing')]
    """
    method = method_of(recipe)
    found = [(key, why) for key in recipe for why in _key(key, recipe, method)]
    found += _trl(recipe, method)
    for name in ("datasets", "test_datasets"):
        found += _datasets(name, recipe.get(name), method)
    found += _modules(recipe)
    return [*found, *_missing(recipe, method)]


def method_of(recipe: Mapping[str, Any]) -> str:
    """What ``rl`` says, in lower case; ``sft`` where it says nothing."""
    return str(recipe.get("rl") or "sft").lower()


def _known(method: str) -> set[str]:
    shared = (
        *(tables.TRAINER, tables.ADAPTER, tables.MODEL, tables.TRACKING, tables.SCHEDULE),
        *(tables.OTHERS, tables.NOT_NEEDED, ONLY),
    )
    return {key for table in shared for key in table} | tables.BY_METHOD.get(method, {}).keys()


def _key(key: str, recipe: Mapping[str, Any], method: str) -> Iterator[str]:
    value = recipe[key]
    if key not in _known(method):
        yield _unknown(key, method)
    elif key in ONLY and value not in ONLY[key]:
        yield f"{value} is none of {', '.join(map(str, ONLY[key]))}"
    elif key in NEVER and value in NEVER[key]:
        yield f"{value} is Axolotl's own"
    elif key == "plugins" and set(_list(value)) - set(PLUGIN_NAMES):
        yield "only emp_plugins.EmpathyPlugin works here"
    elif recipe.get("adapter") is None and (key in tables.ADAPTER or key in LORA_TARGETS):
        yield "has no effect without an adapter"
    elif key == "bf16" and value is False and not recipe.get("fp16"):
        yield HALF
    elif key == "gradient_checkpointing_kwargs" and set(_mapping(value)) - {"use_reentrant"}:
        yield "only use_reentrant has no effect here"


def _unknown(key: str, method: str) -> str:
    owners = [name for name, keys in tables.BY_METHOD.items() if key in keys]
    if owners:
        return f"has no effect on {method}; it belongs to {' and '.join(owners)}"
    hint = nearest(key, _known(method))
    return WHY.get(key) or (f"{UNKNOWN}; {hint}" if hint else UNKNOWN)


def _trl(recipe: Mapping[str, Any], method: str) -> Iterator[Refusal]:
    block = recipe.get("trl")
    if block is None:
        return
    if method != "grpo" or not isinstance(block, Mapping):
        yield "trl", "only `rl: grpo` uses this block, which is a mapping of keys"
        return
    said = {key: value for key, value in block.items() if value is not None}
    for key in said:
        if key not in tables.GRPO and key not in tables.REWARDS:
            yield f"trl.{key}", WHY_TRL.get(key, UNKNOWN)
    loss = said.get("loss_type")
    if loss in OVERRIDES and OVERRIDES[loss][0] not in said:
        yield f"trl.{OVERRIDES[loss][0]}", OVERRIDES[loss][1]
    if loss == "dr_grpo" and said.get("scale_rewards", True) in (True, "group"):
        yield "trl.scale_rewards", "Unsloth turns it off for loss_type dr_grpo: write false"


def _datasets(name: str, entries: Any, method: str) -> Iterator[Refusal]:
    allowed = {*tables.DATASET, *(tables.SFT_DATASET if method == "sft" else ())}
    if method == "sft":
        allowed.add("train_on_eos")
    for index, entry in enumerate(_list(entries)):
        if not isinstance(entry, Mapping):
            yield f"{name}[{index}]", "is a mapping of keys"
            continue
        at = f"{name}[{index}]"
        for key, value in entry.items():
            if value is not None and key not in allowed:
                yield f"{at}.{key}", UNKNOWN
        types = tables.TRANSFORMS.get(method, ())
        if types and entry.get("type") not in types:
            yield f"{at}.type", f"{entry.get('type')} is none of {', '.join(types)}"
        if entry.get("train_on_eos", "turn") != "turn":
            yield f"{at}.train_on_eos", "only turn can be done here"


def _modules(recipe: Mapping[str, Any]) -> Iterator[Refusal]:
    targets = recipe.get("lora_target_modules")
    for name in targets if isinstance(targets, list) else ():
        if _leaf(name) in EMBEDDINGS:
            why = f"Unsloth trains {name} whole: list it in lora_modules_to_save instead"
            yield "lora_target_modules", why
    for name in _list(recipe.get("lora_modules_to_save")):
        if _leaf(name) not in EMBEDDINGS and "norm" not in _leaf(name):
            why = f"Unsloth trains {', '.join(EMBEDDINGS)} and norms whole, but not {name}"
            yield "lora_modules_to_save", why


def _leaf(module: Any) -> str:
    return str(module).rpartition(".")[2]


def _missing(recipe: Mapping[str, Any], method: str) -> Iterator[Refusal]:
    for key in ("base_model", "learning_rate", "datasets"):
        if not recipe.get(key):
            yield key, "missing"
    adapter = recipe.get("adapter")
    quantized = recipe.get("load_in_4bit") or _prequantized(recipe)
    if adapter == "qlora" and not quantized:
        yield "load_in_4bit", "adapter qlora needs true"
    if adapter is None and method in ("dpo", "kto", "grpo"):
        yield "adapter", REFERENCE
    if adapter is None and (quantized or recipe.get("load_in_8bit")):
        yield "adapter", "quantized weights cannot be trained; write lora or qlora"
    if adapter is not None:
        yield from ((key, "missing") for key in ("lora_r", "lora_alpha") if not recipe.get(key))
        if not (recipe.get("lora_target_linear") or recipe.get("lora_target_modules")):
            yield "lora_target_linear", "missing; write true"
    if method == "grpo" and not (_mapping(recipe.get("trl")).get("max_completion_length")):
        yield "trl.max_completion_length", "missing"
    if recipe.get("chat_template") == "jinja" and not recipe.get("chat_template_jinja"):
        yield "chat_template_jinja", "missing"


def _prequantized(recipe: Mapping[str, Any]) -> bool:
    return str(recipe.get("base_model")).lower().endswith("-bnb-4bit")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
