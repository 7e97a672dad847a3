"""Does the recipe fit its base model, and how much memory will it need?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emp_plugins.check.architectures import find
from emp_plugins.check.architectures.shape import FUSED, SEPARATE, Shape
from emp_plugins.check.architectures.targets import ALL_LINEAR, adapted, matching, modules, texts
from emp_plugins.check.files.local import is_local
from emp_plugins.check.finding import Finding, nearest
from emp_plugins.check.memory import estimate
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.errors import InputError

KEY: KeyPath = ("base_model",)
TARGETS: KeyPath = ("lora_target_modules",)
INTO_ONE = ("q_proj", "k_proj", "v_proj", "gate_proj", "up_proj")
"""Projections that a fused architecture does not have by these names."""

APART = ("o_proj", "down_proj")
"""Projections that it has."""

LORA = ("lora", "qlora")

FRESH = ("dpo", "ipo", "kto")
"""Methods whose trainer makes the adapter itself, whatever ``lora_model_dir`` says."""

OTHERWISE = ("lora_target_parameters", "lora_model_dir")
"""Keys that say in another way what is adapted."""

OVERRIDES = ("overrides_of_model_config", "model_config")
SCALED = ("rope_scaling", "rope_parameters", "max_position_embeddings")
"""Values of the model's own configuration that make room for longer sequences."""

PATTERN = re.compile(r"[*+?^$|()\[\]\\]")
"""What only a regular expression holds."""


def check(recipe: Recipe) -> Iterator[Finding]:
    """Faults that the base model's architecture shows, and the memory estimate as a note.

    Args:
        recipe: The recipe.

    Yields:
        The findings; none for a model type that is not known here.
    """
    base = recipe.get("base_model")
    if not isinstance(base, str) or not base:
        return
    yield from _folder(recipe, Path(base))
    try:
        architecture = find(base)
    except InputError as error:
        yield recipe.finding(KEY, str(error))
        return
    if architecture is not None:
        yield from _quantized(recipe, architecture)
    shape = Shape.of(architecture) if architecture is not None else None
    if shape is None:
        if not is_local(base) or os.path.exists(base):  # else the check of files says so
            yield _not_estimated(recipe, architecture)
        return
    yield from _targets(recipe, shape)
    yield from _layers(recipe, shape)
    yield from _length(recipe, shape)
    yield from _memory(recipe, architecture)


def _not_estimated(recipe: Recipe, architecture: Mapping[str, Any] | None) -> Finding:
    reason, hint = "no architecture of this model ships with the package", ""
    if architecture is not None:
        kind = architecture.get("model_type")
        known = kind in SEPARATE + FUSED
        reason = "its config.json lacks a size" if known else f"model type {kind} is not known here"
    else:
        hint = "of a local folder config.json is read"
    message = f"memory not estimated: {reason}"
    return recipe.finding(KEY, message, severity="note", suggestion=hint)


def _folder(recipe: Recipe, folder: Path) -> Iterator[Finding]:
    model, adapter = folder / "config.json", folder / "adapter_config.json"
    if os.path.isfile(adapter) and not os.path.isfile(model):
        yield recipe.finding(
            KEY,
            f"{folder} holds an adapter, not a model",
            suggestion="set base_model to what it was trained on and lora_model_dir to it",
        )
    saved = recipe.get("lora_model_dir")
    if saved and recipe.get("adapter") and recipe.method in FRESH:
        yield recipe.finding(
            ("lora_model_dir",),
            f"is not loaded with rl: {recipe.method}: Axolotl gives the trainer a fresh adapter",
            severity="warning",
            suggestion="merge it first (axolotl merge-lora) and train from the merged model",
        )
    if not isinstance(saved, str) or not os.path.isdir(saved):
        return
    if not (Path(saved) / "adapter_config.json").is_file():
        message = f"{saved} holds no adapter_config.json"
        hint = "give the folder of a saved adapter"
        yield recipe.finding(("lora_model_dir",), message, suggestion=hint)


def _quantized(recipe: Recipe, architecture: Mapping[str, Any]) -> Iterator[Finding]:
    if architecture.get("quantization_config") and not recipe.get("adapter"):
        yield recipe.finding(
            KEY,
            "is a quantized checkpoint, whose weights cannot be trained",
            suggestion="add adapter: qlora and load_in_4bit: true, or name the original model",
        )


def _targets(recipe: Recipe, shape: Shape) -> Iterator[Finding]:
    if recipe.get("adapter") not in LORA:
        return
    wanted, names = recipe.get(*TARGETS), list(modules(shape))
    if isinstance(wanted, str) and not recipe.get("lora_target_linear"):
        unmatched = _pattern(recipe, shape, wanted, names)
    else:
        unmatched = list(_unmatched(recipe, shape, wanted, names))
    yield from unmatched or _nothing(recipe, shape)


def _nothing(recipe: Recipe, shape: Shape) -> Iterator[Finding]:
    if adapted(recipe, shape) or any(recipe.get(key) for key in OTHERWISE):
        return
    if not recipe.get(*TARGETS) and not recipe.get("lora_target_linear"):
        hint = "add lora_target_linear: true"
        yield recipe.finding(("adapter",), "no module is named to adapt", suggestion=hint)
        return
    key = "peft_layers_to_transform"
    path = (key,) if recipe.get(key) else ("lora_exclude_modules",)
    message = f"leaves no module to adapt in the {shape.layers} layers of the base model"
    yield recipe.finding(path, message)


def _pattern(recipe: Recipe, shape: Shape, wanted: str, names: list[str]) -> list[Finding]:
    if wanted == ALL_LINEAR:
        return []
    try:
        if matching(wanted, names, pattern=True):
            return []
    except re.error as error:
        return [recipe.finding(TARGETS, f"no regular expression: {error}")]
    if matching(wanted, names):
        message = "one text must match a module's whole name, and this matches none"
        return [recipe.finding(TARGETS, message, suggestion=f"write it as a list: [{wanted}]")]
    message = f"{wanted!r} matches no module of {shape.model_type}"
    hint = nearest(wanted, shape.projections) or f"it has {', '.join(shape.projections)}"
    return [recipe.finding(TARGETS, message, suggestion=hint)]


def _unmatched(recipe: Recipe, shape: Shape, wanted: object, names: list[str]) -> Iterator[Finding]:
    missing = [one for one in texts(wanted) if not matching(one, names)]
    llama = [one for one in missing if one in INTO_ONE]
    if shape.model_type in FUSED and llama:
        fused = " and ".join(name for name in shape.projections if name not in APART)
        yield recipe.finding(
            TARGETS,
            f"{shape.model_type} has no {', '.join(llama)}: it fuses them into {fused}, "
            "so these would silently stay untrained",
            suggestion="use lora_target_linear: true instead",
        )
        missing = [one for one in missing if one not in llama]
    for one in missing:
        path = (*TARGETS, wanted.index(one)) if isinstance(wanted, list) else TARGETS
        message = f"{one!r} matches no module of {shape.model_type}"
        hint = nearest(one, shape.projections) or f"it has {', '.join(shape.projections)}"
        if PATTERN.search(one):
            hint = "a regular expression is one text, not an entry of a list"
        yield recipe.finding(path, message, suggestion=hint)


def _layers(recipe: Recipe, shape: Shape) -> Iterator[Finding]:
    """Accelerate ends the run where the model holds no module of the class."""
    for name in ("transformer_layer_cls_to_wrap", "fsdp_transformer_layer_cls_to_wrap"):
        wanted = recipe.get("fsdp_config", name)
        if isinstance(wanted, str) and shape.layer_class not in wanted.split(","):
            yield recipe.finding(
                ("fsdp_config", name),
                f"{shape.model_type} has no layer of class {wanted}",
                suggestion=f"use {shape.layer_class}, or leave it out",
            )


def _length(recipe: Recipe, shape: Shape) -> Iterator[Finding]:
    length = recipe.get("sequence_len")
    if any(recipe.get(block, key) for block in OVERRIDES for key in SCALED):
        return
    if isinstance(length, int) and shape.positions and length > shape.positions:
        yield recipe.finding(
            ("sequence_len",),
            f"{length:,} tokens are more than the {shape.positions:,} that the base model was made "
            "for; Axolotl raises the limit without a word and leaves the positions unscaled",
            severity="warning",
            suggestion=f"use at most {shape.positions}, or scale them: "
            "overrides_of_model_config.rope_scaling",
        )


def _memory(recipe: Recipe, architecture: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        found = estimate(recipe, architecture)
        message = "" if found is None else str(found)
    except OverflowError:
        message = "memory not estimated: a number of the recipe is beyond all measure"
    shared = recipe.get("fsdp_config") or recipe.get("fsdp") or recipe.get("deepspeed")
    hint = "emp check --gpus N reckons with N of them" if shared and recipe.world_size == 1 else ""
    if message:
        yield recipe.finding(KEY, message, severity="note", suggestion=hint)
