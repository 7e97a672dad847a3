"""The settings of a recipe that decide how much memory it needs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from emp_plugins.check.recipe import Recipe

PAIRED = ("dpo", "ipo", "simpo", "orpo")
"""Methods that put a chosen and a rejected reply of each row through the model together."""

ROLLOUT = ("grpo", "gdpo")
"""Methods that generate."""

DEFAULTS = {"max_completion_length": 256, "sequence_len": 512, "micro_batch_size": 1}
"""Where a recipe says nothing: TRL's and Axolotl's own."""

Bits = Literal[4, 8, None]


@dataclass(frozen=True)
class Run:
    """What a recipe asks of one GPU.

    Attributes:
        method: ``sft``, ``dpo``, ``grpo`` and so on.
        sequences: Sequences in one training step on one GPU, a pair counted as two.
        length: Longest sequence in tokens.
        completion: Tokens of it that need logits.
        generations: Sequences that one GPU generates at once; 0 for methods that do not generate.
        kl: Whether a method that generates holds the policy near a frozen copy.
        precision: Bytes of a weight that is not quantized, 2 or 4.
        bits: Bits of a quantized weight.
        double_quant: Whether the 4-bit scales are quantized too.
        adapter: Whether LoRA is trained instead of all weights.
        checkpointing: Whether layers are computed again in the backward pass.
        offloaded_checkpoints: Whether their inputs wait outside of the GPU.
        optimizer: Its name in lower case.
        flash: Whether attention needs no mask of its own.
        world: Number of GPUs.
        stage: What is split over them, as in ZeRO: 1 optimizer, 2 and gradients, 3 and weights.
        offload: Parts that wait in main memory: ``optimizer``, ``weights``.
        deepspeed: Whether DeepSpeed trains, which keeps a float32 copy of what it trains.
        server: Whether vLLM generates on other GPUs.
        vllm: Share of the card that vLLM takes beside the trainer, 0 without.
        vllm_sleeps: Whether vLLM gives its memory back while the model trains.
    """

    method: str
    sequences: int
    length: int
    completion: int
    generations: int
    kl: bool
    precision: int
    bits: Bits
    double_quant: bool
    adapter: bool
    checkpointing: bool
    offloaded_checkpoints: bool
    optimizer: str
    flash: bool
    world: int
    stage: int
    offload: frozenset[str]
    deepspeed: bool
    server: bool
    vllm: float
    vllm_sleeps: bool

    @classmethod
    def of(cls, recipe: Recipe, architecture: Mapping[str, Any]) -> Run:
        """Reads the settings; what has a wrong type counts as not set.

        Args:
            recipe: The recipe.
            architecture: Keys of its base model's ``config.json``.

        Returns:
            The settings.
        """
        method = recipe.method
        rows = integer(recipe, "micro_batch_size")
        length = integer(recipe, "sequence_len")
        completion = integer(recipe, "trl", "max_completion_length")
        bits, double_quant = _quantization(recipe, architecture)
        stage, offload, deepspeed = _sharding(recipe)
        checkpointing = recipe.get("gradient_checkpointing")
        rollout = method in ROLLOUT
        mode = _vllm_mode(recipe) if rollout else None
        return cls(
            method=method,
            sequences=rows * (2 if method in PAIRED else 1),
            length=max(length, completion) if rollout else length,
            completion=completion if rollout else length,
            generations=_generations(recipe, rows) if rollout else 0,
            kl=rollout and _beta(recipe),
            precision=2 if _half(recipe) else 4,
            bits=bits,
            double_quant=double_quant,
            adapter=bool(recipe.get("adapter")),
            checkpointing=bool(checkpointing),
            offloaded_checkpoints=str(checkpointing).startswith("offload"),
            optimizer=str(recipe.get("optimizer") or "adamw_torch_fused").lower(),
            flash="flash" in str(recipe.get("attn_implementation"))
            or bool(recipe.get("flash_attention")),
            world=recipe.world_size,
            stage=stage,
            offload=offload,
            deepspeed=deepspeed,
            server=mode == "server",
            vllm=_vllm_share(recipe) if mode == "colocate" else 0.0,
            vllm_sleeps=bool(recipe.get("trl", "vllm_enable_sleep_mode")),
        )

    @property
    def tokens(self) -> int:
        """Tokens that one training step puts through the layers."""
        return self.sequences * self.length

    def share(self, part: Literal["weights", "gradients", "optimizer"]) -> float:
        """The part of something that one GPU holds.

        Args:
            part: What.

        Returns:
            1 where each GPU holds all of it, 1/N where N share it, 0 where main memory does.
        """
        if part in self.offload:
            return 0.0
        needed = {"optimizer": 1, "gradients": 2, "weights": 3}[part]
        return 1 / self.world if self.stage >= needed else 1.0


def integer(recipe: Recipe, *path: str) -> int:
    """A whole number of at least 1, or the default where the recipe has none.

    Args:
        recipe: The recipe.
        *path: Keys.

    Returns:
        The number.
    """
    value = recipe.get(*path)
    usable = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if usable else DEFAULTS.get(path[-1], 1)


def _half(recipe: Recipe) -> bool:
    keys = ("bf16", "bfloat16", "fp16", "float16")
    return any(recipe.get(key) for key in keys) or bool(recipe.get("load_in_8bit"))


def _quantization(recipe: Recipe, architecture: Mapping[str, Any]) -> tuple[Bits, bool]:
    saved = architecture.get("quantization_config")
    if isinstance(saved, Mapping) and saved.get("quant_method") == "bitsandbytes":
        if saved.get("load_in_4bit"):
            return 4, bool(saved.get("bnb_4bit_use_double_quant"))
        return 8, False
    if recipe.get("load_in_4bit"):
        own = recipe.get("bnb_config_kwargs", "bnb_4bit_use_double_quant")
        return 4, own is not False
    return (8 if recipe.get("load_in_8bit") else None), False


def _generations(recipe: Recipe, rows: int) -> int:
    whole = recipe.get("trl", "generation_batch_size")
    if isinstance(whole, int) and whole > 0:
        return max(1, whole // recipe.world_size)
    steps = recipe.get("trl", "steps_per_generation")
    given = isinstance(steps, int) and steps > 0
    return rows * (steps if given else integer(recipe, "gradient_accumulation_steps"))


def _beta(recipe: Recipe) -> bool:
    """Whether beta is set and above 0; the block's comes before ``rl_beta``, as in Axolotl."""
    own = recipe.get("trl", "beta")
    return bool(recipe.get("rl_beta") if own is None else own)


def _vllm_mode(recipe: Recipe) -> str | None:
    if not recipe.get("trl", "use_vllm"):
        return None
    return str(recipe.get("trl", "vllm_mode") or "colocate")


def _vllm_share(recipe: Recipe) -> float:
    share = recipe.get("vllm", "gpu_memory_utilization")
    valid = isinstance(share, int | float) and 0 < share < 1
    return float(share) if valid else 0.9  # Axolotl's default, not TRL's .3


def _sharding(recipe: Recipe) -> tuple[int, frozenset[str], bool]:
    if recipe.get("deepspeed"):
        return (*_deepspeed(recipe.get("deepspeed")), True)
    fsdp = recipe.get("fsdp_config")
    if not fsdp and not recipe.get("fsdp"):
        return 0, frozenset(), False
    settings = fsdp if isinstance(fsdp, Mapping) else {}
    away = settings.get("offload_params") or settings.get("fsdp_offload_params")
    return 3, frozenset({"weights", "optimizer"} if away else ()), False


def _deepspeed(value: Any) -> tuple[int, frozenset[str]]:
    """Stage and what is offloaded, from the JSON file, or its name where it is not here."""
    if isinstance(value, str) and os.path.isfile(value):
        try:
            value = json.loads(Path(value).read_text(encoding="utf-8"))
        except ValueError:  # another check says that the file is no JSON
            return 0, frozenset()
    if isinstance(value, str):
        named = re.search(r"zero_?([123])", value)
        return int(named[1]) if named else 0, frozenset()
    zero = value.get("zero_optimization") if isinstance(value, Mapping) else None
    if not isinstance(zero, Mapping):
        return 0, frozenset()
    keys = {"offload_optimizer": "optimizer", "offload_param": "weights"}
    away = {name for key, name in keys.items() if _device(zero.get(key)) not in (None, "none")}
    stage = zero.get("stage")
    return stage if isinstance(stage, int) else 0, frozenset(away)


def _device(block: Any) -> Any:
    return block.get("device") if isinstance(block, Mapping) else None
