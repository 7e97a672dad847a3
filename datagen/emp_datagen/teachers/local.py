"""Teachers that run in this process: the phrase bank, transformers, vLLM."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from emp_datagen.teachers import Settings
from emp_datagen.teachers import prompts as templates
from emp_datagen.teachers.agent import BatchAgent, Meter
from emp_plugins.errors import InputError

SIZES = {"hf": 8, "vllm": 256}
"""Orders that go to a model in one call; vLLM schedules them itself."""


def make(kind: str, rest: str, settings: Settings, meter: Meter) -> BatchAgent:
    """Loads the model, see `emp_datagen.teachers.load`.

    Args:
        kind: ``scripted``, ``hf`` or ``vllm``.
        rest: Folder or hub name of the model; empty for the phrase bank.
        settings: How it is asked.
        meter: Where its calls are counted.

    Returns:
        The agent.

    Raises:
        InputError: The model, a setting or a prompt template cannot be used.
    """
    if kind == "scripted":
        from emp_datagen.teachers.scripted import ScriptedTeacher, write_instruction

        llm: Any = ScriptedTeacher(bank=str(settings.bank))
        llm.load()
        return BatchAgent(llm, "scripted", write_instruction, meter)
    if settings.temperature < 0 or settings.max_tokens < 1:
        raise InputError(f"teacher: {kind}: temperature is at least 0 and max_tokens at least 1")
    prompts = templates.load(settings)
    llm = _model(kind, rest)
    return BatchAgent(
        llm,
        f"{kind}:{Path(rest).name if Path(rest).is_dir() else rest}",
        prompts.write,
        meter,
        {"max_new_tokens": settings.max_tokens, "temperature": settings.temperature},
        SIZES[kind],
        threaded=True,
    )


def _model(kind: str, name: str) -> Any:
    where = f"teacher: {kind}:{name}"
    if kind == "vllm":
        import vllm  # noqa: F401  # its absence has a hint of its own, see `teachers.load`
    _check_place(where, name)
    from emp_datagen.teachers import models

    llm = (models.VLLMTeacher if kind == "vllm" else models.TransformersTeacher)(model=name)
    reason = ""
    try:
        llm.load()
    except ModuleNotFoundError:
        raise
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        reason = f"{where}: cannot be loaded: {lines[0][:200]}"
    if reason:
        raise InputError(reason)
    if llm.chat_template_of_model is None:
        raise InputError(f"{where}: the tokenizer has no chat template; a teacher needs one")
    return llm


def _check_place(where: str, name: str) -> None:
    """Says at once where a folder is meant and is not there, before a hub is asked for it."""
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise InputError(f"{where}: no config.json in this folder")
        return
    is_path = name.startswith((".", "/", "~")) or name.count("/") != 1
    if is_path or os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        if not (is_path or _is_cached(name)):
            raise InputError(f"{where}: no such folder, and the hub is switched off")
        if is_path:
            raise InputError(f"{where}: no such folder")


def _is_cached(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(name, "config.json"), str)
