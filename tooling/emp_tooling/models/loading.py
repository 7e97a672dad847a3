"""Weights and tokenizers from local folders, safely."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError
from emp_plugins.messages import rendered
from emp_tooling.models import Messages
from emp_tooling.models.adapter import ADAPTER, ADAPTER_CONFIG
from emp_tooling.models.hush import hushed

SAFE = {"local_files_only": True, "trust_remote_code": False}
"""Nothing is downloaded, and no code from the model's folder is run."""


def load(
    model: str | Path, adapter: str | Path | None = None, *, four_bit: bool = False
) -> tuple[Any, Any]:
    """Loads a model for generation.

    Args:
        model: Folder of the model, or its name where it lies in the hub's cache.
        adapter: Folder of a PEFT adapter on it.
        four_bit: Hold the model's weights in 4 bits, where bitsandbytes is installed.

    Returns:
        The tokenizer and the model, on the GPU where there is one. The tokenizer is the one that
        the training saved beside the adapter, since its chat template is what the adapter learned
        on; else the model's.

    Raises:
        InputError: A folder is missing or holds no safetensors, the tokenizer has no chat template,
            or the adapter does not fit.
    """
    with hushed():  # of kernels that this machine has no use for
        tokenizer = load_tokenizer(model, adapter)
        loaded = _load_model(model, four_bit)
        if adapter is not None:
            loaded = _with_adapter(loaded, Path(adapter))
    return tokenizer, loaded.eval()


def load_tokenizer(model: str | Path, adapter: str | Path | None = None) -> Any:
    """Loads the tokenizer that was trained with, see ``load``.

    Args:
        model: Folder of the model.
        adapter: Folder of the adapter.

    Returns:
        A transformers tokenizer with a chat template and a padding token.

    Raises:
        InputError: There is none, or it has no chat template.
    """
    from transformers import AutoTokenizer

    saved = adapter is not None and (Path(adapter) / "tokenizer_config.json").is_file()
    folder = adapter if saved else model
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **SAFE)
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: no usable tokenizer: {_first_line(error)}") from error
    if tokenizer.chat_template is None:
        raise InputError(f"{folder}: its tokenizer has no chat template")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def prompt(messages: Messages, tokenizer: Any) -> str:
    """The text that the model reads, see ``emp_plugins.messages.rendered``.

    Args:
        messages: A conversation.
        tokenizer: Has the chat template.

    Returns:
        The rendered messages.

    Raises:
        InputError: The chat template refuses them, for example two client messages in a row.
    """
    from jinja2.exceptions import TemplateError

    try:
        return rendered(messages, tokenizer)
    except TemplateError as error:
        raise InputError(f"the chat template refuses the messages: {_first_line(error)}") from None


def _load_model(model: str | Path, four_bit: bool) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    device = "cuda" if torch.cuda.is_available() else "cpu"
    # A CPU computes in 32 bits: half precision is slower there.
    options: dict[str, Any] = {"dtype": "auto" if device == "cuda" else torch.float32}
    if four_bit and importlib.util.find_spec("bitsandbytes") is not None:
        options |= {"quantization_config": _four_bit(), "device_map": {"": device}}
    try:
        loaded = AutoModelForCausalLM.from_pretrained(
            model, use_safetensors=True, **options, **SAFE
        )
    except (OSError, ValueError) as error:
        raise InputError(f"{model}: no usable model: {_first_line(error)}") from error
    return loaded if "device_map" in options else loaded.to(device)


def _four_bit() -> Any:
    """How Axolotl quantizes for QLoRA."""
    import torch
    from transformers import BitsAndBytesConfig

    compute = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )


def _with_adapter(model: Any, folder: Path) -> Any:
    from peft import PeftModel

    # Without this file PEFT would unpickle adapter_model.bin or ask the hub.
    for name in (ADAPTER_CONFIG, ADAPTER):
        if not (folder / name).is_file():
            raise InputError(f"{folder}: no adapter here, {name} is missing")
    try:
        return PeftModel.from_pretrained(model, str(folder))
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{folder}: does not fit the model: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
