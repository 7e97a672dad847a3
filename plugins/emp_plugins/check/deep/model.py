"""The base model on the meta device, with the adapter that Axolotl would put on it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emp_plugins.check import base_model
from emp_plugins.check.architectures import find
from emp_plugins.check.architectures.targets import matching, texts
from emp_plugins.check.finding import Finding, nearest
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.errors import InputError

KEY: KeyPath = ("base_model",)
TARGETS: KeyPath = ("lora_target_modules",)


def check(recipe: Recipe, config: Any) -> list[Finding]:
    """Builds the model and its adapter, and looks at what would be trained.

    Args:
        recipe: The recipe.
        config: What Axolotl's validation made of it; None leaves the adapter out.

    Returns:
        Errors, and a note with the trainable parameters.
    """
    base = recipe.get("base_model")
    if not isinstance(base, str) or not base:
        return []
    try:
        architecture = find(base)
    except InputError:
        return []  # the quick check says so
    if architecture is None:
        return list(_unknown(recipe, Path(base)))
    if not isinstance(architecture.get("model_type"), str):
        return [recipe.finding(KEY, "its config.json names no model_type")]
    try:
        model = build(architecture)
    except Exception as error:  # with sizes that do not fit each architecture fails in its own way
        return [recipe.finding(KEY, f"transformers cannot build it: {_line(error)}")]
    if not recipe.get("adapter"):
        count = model.num_parameters()
        message = f"trainable: all {count:,} parameters (no adapter)"
        return [recipe.finding(KEY, message, severity="note")]
    if config is None:
        return []
    return list(_adapter(recipe, config, model))


def _unknown(recipe: Recipe, folder: Path) -> Iterator[Finding]:
    if not os.path.isdir(folder):
        message = "not built: no architecture of this model ships with the package"
        yield recipe.finding(KEY, message, severity="note", suggestion="give a local folder")
    elif not (folder / "adapter_config.json").is_file():  # else the quick check says so
        hint = "name the folder that a model was saved to"
        yield recipe.finding(KEY, f"{folder} holds no config.json", suggestion=hint)


def build(architecture: Mapping[str, Any]) -> Any:
    """A causal language model without weights.

    Args:
        architecture: Keys of a ``config.json``. Code that comes with a model is never run.

    Returns:
        The model on the meta device, in bfloat16.

    Raises:
        ValueError: transformers knows no such model type, or cannot build one of these sizes.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    known = dict(architecture)
    known.pop("quantization_config", None)  # which changes how weights are kept, not their shape
    config = AutoConfig.for_model(known.pop("model_type"), **known)
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(
            config, dtype=torch.bfloat16, trust_remote_code=False
        )


def adapt(model: Any, config: Any) -> Any:
    """Puts the adapter of a recipe on a model.

    Args:
        model: A model on the meta device.
        config: Axolotl's configuration.

    Returns:
        The PEFT model.

    Raises:
        ValueError: PEFT finds no module to adapt, or cannot adapt one.
    """
    from axolotl.loaders.adapter import load_adapter
    from peft import PeftConfig, get_peft_model

    saved = _saved(config)
    if saved:
        lora = PeftConfig.from_pretrained(saved)
    else:
        _, lora = load_adapter(model, config, config.get("adapter"), config_only=True)
    return get_peft_model(model, lora, low_cpu_mem_usage=True)


def _saved(config: Any) -> str | None:
    """The folder of the adapter that training starts from; None where it makes a fresh one."""
    folder = str(config.get("lora_model_dir") or "")
    if config.get("rl") in base_model.FRESH or not (Path(folder) / "adapter_config.json").is_file():
        return None
    return folder


def _adapter(recipe: Recipe, config: Any, model: Any) -> Iterator[Finding]:
    kind = model.config.model_type
    linear = {name.split(".")[-1] for name, _ in model.named_modules()}
    told = any(finding.severity == "error" for finding in base_model.check(recipe))
    try:
        adapted = adapt(model, config)
    except Exception as error:  # on a wrong value PEFT fails in any way
        if not told:
            key: KeyPath = ("lora_model_dir",) if _saved(config) else ("adapter",)
            yield recipe.finding(key, f"PEFT cannot build the adapter: {_line(error)}")
        return
    names = adapted.base_model.targeted_module_names
    wanted = recipe.get(*TARGETS)
    for one in texts(wanted) if isinstance(wanted, list) and not told else []:
        if not matching(one, names):
            path = (*TARGETS, wanted.index(one))
            message = f"{one!r} matches no module of {kind}"
            yield recipe.finding(path, message, suggestion=nearest(one, linear))
    trained, whole = adapted.get_nb_trainable_parameters()
    kinds = sorted({name.split(".")[-1] for name in names})
    yield recipe.finding(
        KEY,
        f"trainable: {trained:,} of {whole:,} parameters ({trained / whole:.2%}) in "
        f"{len(kinds)} kind{'s' if len(kinds) > 1 else ''} of projection: {', '.join(kinds)}",
        severity="note",
    )


def _line(error: Exception) -> str:
    words = " ".join(str(error).split())
    return words if len(words) <= 300 else f"{words[:300]}…"
