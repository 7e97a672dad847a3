"""A checkpoint from its folder: device, number format, head and adapter, each checked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from emp_plugins.errors import InputError
from emp_plugins.files import read_yaml
from emp_plugins.judges.hub import source

if TYPE_CHECKING:
    from emp_plugins.judges.hub.spec import HubSpec

HEADS = ("classifier.out_proj.weight", "classifier.weight", "score.weight")
"""How transformers names the last layer of a classification head."""


def load(name: str, spec: HubSpec, head: Literal["logits", "mean"]) -> tuple[Any, Any]:
    """Loads the model and its tokenizer.

    Args:
        name: What to call the judge in messages.
        spec: Where the checkpoint is and how it runs.
        head: ``logits`` for a sequence-classification head, ``mean`` for the bare encoder.

    Returns:
        The model on its device, and the tokenizer.

    Raises:
        InputError: The checkpoint cannot be found or does not fit; says what to do.
    """
    _require(name)
    found = source.folder(name, spec.model, spec.revision)
    if (found / "adapter_config.json").is_file():
        model, tokenizer = _with_adapter(name, spec, found, head)
    else:
        model, tokenizer = _weights(name, spec, found, head), _tokenizer(name, found)
    return model.to(device(name, spec)), tokenizer


def device(name: str, spec: HubSpec) -> str:
    """The device that a judge runs on.

    Args:
        name: For messages.
        spec: Says ``auto``, ``cpu``, ``cuda`` or ``cuda:n``.

    Returns:
        A torch device; ``auto`` is the process's GPU where it has one.

    Raises:
        InputError: A GPU is asked for that is not there.
    """
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if spec.device == "auto":
        return "cuda" if count else "cpu"
    if spec.device.startswith("cuda") and int(spec.device.partition(":")[2] or 0) >= count:
        raise InputError(f"{name}: device: {spec.device}: {count} GPUs are visible; use auto")
    return spec.device


def dtype(name: str, spec: HubSpec) -> Any:
    """The number format that a judge computes in.

    Args:
        name: For messages.
        spec: Says ``auto`` or a format.

    Returns:
        A torch dtype; ``auto`` is float32 on a CPU and float16 on a GPU.
    """
    import torch

    if spec.dtype != "auto":
        return getattr(torch, spec.dtype)
    return torch.float32 if device(name, spec) == "cpu" else torch.float16


def check_fit(name: str, wanted: int, model: Any, tokenizer: Any) -> None:
    """Makes sure that texts of the wanted length go through, in batches, with these token ids.

    Args:
        name: For messages.
        wanted: Tokens that a text is cut at.
        model: A transformers model.
        tokenizer: Its tokenizer.

    Raises:
        InputError: ``wanted`` is more than the model's own limit, there is no pad token, or the
            tokenizer belongs to another model.
    """
    if tokenizer.pad_token is None:
        raise InputError(f"{name}: its tokenizer has no pad token; set one and save it again")
    known = model.get_input_embeddings().num_embeddings
    if len(tokenizer) > known:
        raise InputError(
            f"{name}: its tokenizer has {len(tokenizer)} tokens, its model {known}; they do not "
            "belong together"
        )
    positions = getattr(model.config, "max_position_embeddings", None) or wanted
    for part, module in model.named_modules():
        if part.endswith("position_embeddings") and getattr(module, "padding_idx", None):
            # RoBERTa counts positions from behind the pad token's own.
            positions = min(positions, module.num_embeddings - module.padding_idx - 1)
    limit = min(positions, tokenizer.model_max_length)
    if wanted > limit:
        raise InputError(
            f"{name}: max_length {wanted} is above the model's own; set max_length: {limit}"
        )


def check_head(name: str, model: Any, found: Path) -> None:
    """Makes sure that the head's weights come from the checkpoint and were not made up.

    Args:
        name: For messages.
        model: A model with a classification head.
        found: The folder that it was read from.

    Raises:
        InputError: The folder holds no weights for the head.
    """
    stored = {key for key, _ in _stored(found)}
    prefix = f"{model.base_model_prefix}."
    head = [key for key, _ in model.named_parameters() if not key.startswith(prefix)]
    missing = [key for key in head if key not in stored]
    if missing:
        raise _untrained(name, missing)


@contextlib.contextmanager
def one_line(name: str, what: str) -> Iterator[None]:
    """Turns what a library raises while it loads into one line for the user.

    Args:
        name: What to call the judge.
        what: What went wrong.

    Yields:
        Nothing; the block loads.

    Raises:
        InputError: The block raised; gives the first line of that.
    """
    from safetensors import SafetensorError

    try:
        yield
    except InputError:
        raise
    except (OSError, ValueError, RuntimeError, LookupError, ImportError, SafetensorError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(f"{name}: {what}: {lines[0]}") from None


def _require(name: str) -> None:
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError:
        raise InputError(
            f"{name}: needs transformers and torch: pip install 'empathy-recipes[judges]'"
        ) from None


def _weights(name: str, spec: HubSpec, found: Path, head: str, labels: int | None = None) -> Any:
    import transformers

    logits = head == "logits"
    factory = transformers.AutoModelForSequenceClassification if logits else transformers.AutoModel
    settings = {} if labels is None else {"num_labels": labels}
    with one_line(name, "cannot be loaded"):
        model, info = factory.from_pretrained(
            found,
            dtype=dtype(name, spec),
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
            **settings,
        )
    missing = sorted(info["missing_keys"])
    if not logits:
        missing = [key for key in missing if "pooler." not in key]  # the mean does not use it
    if labels is not None:  # the head comes from an adapter
        missing = [key for key in missing if key.startswith(f"{model.base_model_prefix}.")]
    if missing:
        raise _untrained(name, missing)
    return model


def _untrained(name: str, missing: list[str]) -> InputError:
    # transformers fills what is missing with random numbers and only warns.
    return InputError(
        f"{name}: the checkpoint lacks {len(missing)} of the model's arrays, such as "
        f"{missing[0]}; name one that was fine-tuned with this head"
    )


def _tokenizer(name: str, *folders: Path) -> Any:
    from transformers import AutoTokenizer

    found = next((folder for folder in folders if source.has_vocabulary(folder)), None)
    if found is None:
        raise source.no_vocabulary(name)
    with one_line(name, "its tokenizer cannot be loaded"):
        return AutoTokenizer.from_pretrained(found, trust_remote_code=False, local_files_only=True)


def _with_adapter(name: str, spec: HubSpec, found: Path, head: str) -> tuple[Any, Any]:
    """The base model with a LoRA adapter merged into it."""
    try:
        from peft import PeftModel
    except ImportError:
        raise InputError(f"{name}: an adapter; it needs peft: pip install peft") from None
    base_id = read_yaml(found / "adapter_config.json").get("base_model_name_or_path")
    if not base_id:
        raise InputError(f"{name}: adapter_config.json names no base_model_name_or_path")
    base_name = f"{name}, base model {base_id}"
    base = source.folder(base_name, base_id)
    labels = _head_size(found) if head == "logits" else None
    if head == "logits" and labels is None:
        raise InputError(f"{name}: the adapter holds no classification head")
    model = _weights(base_name, spec, base, head, labels)
    if (found / "config.json").is_file():
        stored = type(model.config).from_pretrained(found, local_files_only=True)
        model.config.id2label = stored.id2label
        model.config.problem_type = stored.problem_type
    with one_line(name, "the adapter does not fit its base model"):
        merged = PeftModel.from_pretrained(model, str(found)).merge_and_unload()
    return merged, _tokenizer(name, found, base)


def _head_size(found: Path) -> int | None:
    sizes = [shape[0] for key, shape in _stored(found) if key.endswith(HEADS)]
    return sizes[0] if sizes else None


def _stored(found: Path) -> Iterator[tuple[str, list[int]]]:
    """Names and shapes of the stored arrays."""
    from safetensors import safe_open

    for path in sorted(found.glob("*.safetensors")):
        with safe_open(path, "numpy") as file:
            for key in file.keys():
                yield key, file.get_slice(key).get_shape()
