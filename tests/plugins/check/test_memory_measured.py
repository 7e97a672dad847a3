"""The estimate's measured numbers, measured again with the libraries themselves, on a CPU."""

import contextlib
import weakref

import pytest

from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.memory.activations import (
    FLOAT32_FULL,
    FLOAT32_LORA,
    FULL,
    FULL_FLOAT32_ENDS,
    LOGITS,
    LORA,
    LORA_FLOAT32,
)
from emp_plugins.check.memory.generation import PREFILL, cache_bytes
from emp_plugins.check.memory.run import PAIRED, ROLLOUT, Run
from emp_plugins.check.memory.trained import state_bytes
from emp_plugins.check.memory.weights import matrix_bytes
from emp_plugins.check.recipe import Recipe

pytestmark = pytest.mark.train  # TRL and what it imports


@pytest.fixture(scope="module")
def live():
    """Counts the bytes of all storages that are alive, as each operation leaves them."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Live(TorchDispatchMode):
        def __init__(self, known):
            super().__init__()
            self.known = {tensor.untyped_storage()._cdata for tensor in known}
            self.sizes, self.now, self.peak = {}, 0, 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            result = function(*args, **(kwargs or {}))
            for leaf in tree_leaves(result):
                if isinstance(leaf, torch.Tensor):
                    self.see(leaf.untyped_storage())
            return result

        def see(self, storage):
            key = storage._cdata
            if key not in self.known and key not in self.sizes:
                self.sizes[key] = storage.nbytes()
                self.now += storage.nbytes()
                self.peak = max(self.peak, self.now)
                weakref.finalize(storage, self.drop, key)

        def drop(self, key):
            self.now -= self.sizes.pop(key)

    return Live


SIZES = {
    "vocab_size": 64,
    "hidden_size": 256,
    "intermediate_size": 1024,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
}
TOKENS = 512


def build(
    layers, *, lora=None, dtype="bfloat16", ends=None, four_bit=False, checkpointing, **sizes
):
    """A tiny Llama with gradients in place, as between two steps of an accumulation."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.for_model("llama", num_hidden_layers=layers, **{**SIZES, **sizes})
    model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))
    for name, module in model.named_modules() if ends else ():
        if "norm" in name or "embed" in name:
            module.to(getattr(torch, ends))
    if four_bit:
        quantize(model)
    if lora:
        model = get_peft_model(model, LoraConfig(r=1, target_modules="all-linear"))
        for parameter in filter(lambda one: one.requires_grad, model.parameters()):
            parameter.data = parameter.data.to(getattr(torch, lora))
    if checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
        model.enable_input_require_grads()
    for parameter in filter(lambda one: one.requires_grad, model.parameters()):
        parameter.grad = torch.zeros_like(parameter)
    return model.train()


def quantize(model):
    """Makes the layers' matrices NF4, as bitsandbytes does when a model is loaded."""
    import torch
    from bitsandbytes.nn import Linear4bit, Params4bit

    for layer in model.model.layers:
        for block in (layer.self_attn, layer.mlp):
            for name, old in list(block.named_children()):
                if isinstance(old, torch.nn.Linear):
                    new = Linear4bit(old.in_features, old.out_features, bias=False)
                    new.compute_dtype = torch.bfloat16
                    new.weight = Params4bit(old.weight.data, False, quant_type="nf4")
                    setattr(block, name, new.to("cpu"))


def weigh(live, model, *, train=True):
    """Bytes a token at the peak of a step through the layers."""
    import torch

    ids = torch.ones(1, TOKENS, dtype=torch.long)
    grads = [one.grad for one in model.parameters() if one.grad is not None]
    half = any(one.dtype == torch.bfloat16 for one in model.parameters())
    cast = torch.autocast("cpu", torch.bfloat16) if half else contextlib.nullcontext()
    layers = model.get_base_model().model if hasattr(model, "get_base_model") else model.model
    with live([*model.parameters(), *model.buffers(), *grads, ids]) as counted:
        with cast, contextlib.nullcontext() if train else torch.no_grad():
            hidden = layers(ids, use_cache=False).last_hidden_state
        if train:
            hidden.sum().backward()
    return counted.peak / TOKENS


CASES = {
    "adapter in bfloat16": (LORA, {"lora": "bfloat16"}),
    "adapter in float32": (LORA_FLOAT32, {"lora": "float32"}),
    "adapter in bfloat16 on 4 bits": (LORA, {"lora": "bfloat16", "four_bit": True}),
    "adapter in float32 on 4 bits": (LORA_FLOAT32, {"lora": "float32", "four_bit": True}),
    "all weights": (FULL, {}),
    "all weights, ends in float32": (FULL_FLOAT32_ENDS, {"ends": "float32"}),
    "float32 adapter": (FLOAT32_LORA, {"lora": "float32", "dtype": "float32"}),
    "float32 all weights": (FLOAT32_FULL, {"dtype": "float32"}),
}
WIDTHS = [256, 1024, 256, 128]
"""Residual stream, MLP, queries, keys of ``SIZES``."""


def total(widths):
    return sum(each * width for each, width in zip(widths, WIDTHS, strict=True))


@pytest.mark.parametrize(("kept", "keys"), CASES.values(), ids=CASES)
def test_what_a_layer_keeps(live, kept, keys):
    two, four = (weigh(live, build(n, checkpointing=False, **keys)) for n in (2, 4))
    assert (four - two) / 2 == pytest.approx(total(kept.saved), rel=0.02)


@pytest.mark.parametrize(("kept", "keys"), CASES.values(), ids=CASES)
def test_what_checkpointing_keeps(live, kept, keys):
    two, four = (weigh(live, build(n, checkpointing=True, **keys)) for n in (2, 4))
    assert (four - two) / 2 == kept.input * SIZES["hidden_size"]
    one_layer = two - (four - two)
    assert one_layer == pytest.approx(total(kept.saved) + total(kept.moment), rel=0.1)


def test_what_the_prompts_take(live):
    model = build(2, lora="bfloat16", checkpointing=False)
    expected = PREFILL[0] * SIZES["hidden_size"] + PREFILL[1] * SIZES["intermediate_size"]
    assert weigh(live, model, train=False) == pytest.approx(expected, rel=0.1)


@pytest.fixture(scope="module")
def tokenizer():
    from emp_tooling.tiny import build_tokenizer

    return build_tokenizer()


def trainer(method, vocab, length, tokenizer, folder):
    """TRL's own trainer of a model that is nearly all vocabulary, for one step of two rows."""
    import torch
    import trl
    from datasets import Dataset
    from peft import LoraConfig, get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM, Trainer, TrainingArguments
    from trl.experimental.orpo import ORPOConfig, ORPOTrainer

    sizes = {**SIZES, "hidden_size": 32, "intermediate_size": 64, "head_dim": 8}
    config = AutoConfig.for_model("llama", num_hidden_layers=1, **{**sizes, "vocab_size": vocab})
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    half = length // 2
    ids = (tokenizer("hello there my friend " * length)["input_ids"])[:length]
    text = tokenizer.decode(ids[:half])
    keys = {
        "output_dir": str(folder),
        "bf16": True,
        "use_cpu": True,
        "max_steps": 1,
        "report_to": [],
        "save_strategy": "no",
        "gradient_checkpointing": True,
        "gradient_checkpointing_kwargs": {"use_reentrant": False},
        "per_device_train_batch_size": 2,
    }
    lora = LoraConfig(r=1, target_modules="all-linear")
    both = {"processing_class": tokenizer, "peft_config": lora}
    if method == "sft":
        model = get_peft_model(model, lora)
        model.enable_input_require_grads()
        rows = [{"input_ids": ids, "labels": ids, "attention_mask": [1] * length}] * 2
        data = Dataset.from_list(rows)
        return Trainer(model, TrainingArguments(**keys), train_dataset=data)
    if method == "grpo":
        several = {"num_generations": 2, "steps_per_generation": 1, "beta": 0.04}
        fixed = {"max_completion_length": half, "generation_kwargs": {"min_new_tokens": half}}
        options = trl.GRPOConfig(**keys, **several, **fixed)
        data = Dataset.from_list([{"prompt": text}] * 2)
        return trl.GRPOTrainer(model, _reward, args=options, train_dataset=data, **both)
    pair = {"chosen": text, "rejected": text}
    kind, options, row = {
        "dpo": (trl.DPOTrainer, trl.DPOConfig, pair),
        "orpo": (ORPOTrainer, ORPOConfig, pair),
        "kto": (trl.KTOTrainer, trl.KTOConfig, {"completion": text}),
    }[method]
    rows = Dataset.from_list([{"prompt": text, "label": bool(i), **row} for i in range(2)])
    return kind(model, args=options(**keys, max_length=length), train_dataset=rows, **both)


def _reward(completions, **columns):
    return [float(len(text)) for text in completions]


@pytest.mark.parametrize("method", ["sft", "dpo", "orpo", "kto", "grpo"])
def test_what_the_trainers_keep_of_the_logits(live, tokenizer, method, tmp_path):
    """The difference of two vocabularies leaves nothing but what is as long as the vocabulary."""
    length, small, large = 512, 20_000, 40_000
    peaks = []
    for vocab in (small, large):
        made = trainer(method, vocab, length, tokenizer, tmp_path)
        with live([*made.model.parameters(), *made.model.buffers()]) as counted:
            made.train()
        peaks.append(counted.peak)
    per_entry = (peaks[1] - peaks[0]) / (large - small)
    tokens = 2 * length * (2 if method in PAIRED else 1) / (2 if method in ROLLOUT else 1)
    assert per_entry == pytest.approx(tokens * LOGITS[method], rel=0.02)


@pytest.mark.parametrize("double_quant", [True, False])
def test_nf4_weighs_what_bitsandbytes_makes(double_quant):
    import torch
    from bitsandbytes.functional import quantize_4bit

    weights = torch.ones(512, 1024, dtype=torch.bfloat16)
    packed, state = quantize_4bit(weights, quant_type="nf4", compress_statistics=double_quant)
    tensors = [packed, state.absmax] + ([state.state2.absmax] if state.nested else [])
    assert sum(tensor.nbytes for tensor in tensors) == weights.numel() * matrix_bytes(
        4, double_quant, 2
    )


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("adamw_torch", "torch"),
        ("paged_adamw_8bit", "AdamW8bit"),
        ("lion_8bit", "Lion8bit"),
        ("paged_adamw_32bit", "AdamW32bit"),
        ("ademamix_8bit", "AdEMAMix8bit"),
    ],
)
def test_states_weigh_what_the_optimizers_make(name, library):
    import bitsandbytes
    import torch

    parameter = torch.nn.Parameter(torch.ones(256, 256))
    parameter.grad = torch.ones(256, 256)
    made_by = torch.optim.AdamW if library == "torch" else getattr(bitsandbytes.optim, library)
    optimizer = made_by([parameter], lr=1e-3)
    optimizer.step()
    states = optimizer.state[parameter].items()  # all tensors share the maps of 256 codes
    weighed = sum(v.nbytes for k, v in states if torch.is_tensor(v) and v.dim() and "qmap" not in k)
    run = Run.of(Recipe("a.yml", {"optimizer": name}), {})
    assert weighed == parameter.numel() * state_bytes(run, 4)[0]


@pytest.mark.parametrize("kind", ["llama", "qwen3", "gemma2", "phi3"])
def test_cache_weighs_what_transformers_keeps(kind):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    sizes = {**SIZES, "num_hidden_layers": 3, "pad_token_id": 0}
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **sizes))
    with torch.no_grad():
        cache = model(torch.ones(5, 12, dtype=torch.long), use_cache=True).past_key_values
    kept = sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
    shape = Shape.of({"model_type": kind, **sizes})
    assert kept == cache_bytes(shape, 5 * 12, 4)
