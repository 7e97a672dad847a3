"""Where a checkpoint lies: a local folder, or a hub id brought into the local cache."""

from __future__ import annotations

import re
from pathlib import Path

from emp_plugins.errors import InputError

WANTED = ("*.json", "*.txt", "*.model", "*.safetensors")
"""Files that are downloaded: settings, vocabulary and safetensors weights, no pickle."""

UNUSED = ("onnx/*", "openvino/*", "runs/*", "checkpoint-*", "global_step*")

CONFIGS = ("config.json", "adapter_config.json")


def folder(name: str, model: str, revision: str | None = None) -> Path:
    """Finds the folder of a checkpoint; one on the hub is downloaded on first use.

    Args:
        name: What to call the judge in messages.
        model: Hub id, or path of a folder.
        revision: Branch, tag or commit on the hub.

    Returns:
        A local folder with a configuration and safetensors weights.

    Raises:
        InputError: There is no such folder or repository, it is private or gated, the network is
            missing or switched off, or it holds no configuration or no safetensors weights.
    """
    local = Path(model).expanduser()
    if local.is_dir():
        found = local
    elif local.exists():
        raise InputError(f"{name}: a file; name the folder that holds it")
    elif not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", model) or model.startswith("."):
        raise InputError(f"{name}: no such folder, and not of the form of a hub id (owner/name)")
    else:
        found = _download(name, model, revision)
    _check(name, found)
    return found


def has_vocabulary(found: Path) -> bool:
    """Whether a folder holds a tokenizer; transformers makes an empty one where there is none.

    Args:
        found: The folder.

    Returns:
        True where one of the usual vocabulary files is there.
    """
    return (
        any(found.glob("tokenizer.json"))
        or any(found.glob("vocab.*"))
        or any(found.glob("*.model"))
    )


def no_vocabulary(name: str) -> InputError:
    """The error for a checkpoint without a tokenizer.

    Args:
        name: What to call the judge.

    Returns:
        The error to raise.
    """
    return InputError(
        f"{name}: no tokenizer in it (tokenizer.json); save the tokenizer into the same folder"
    )


def _download(name: str, model: str, revision: str | None) -> Path:
    from huggingface_hub import constants, errors, snapshot_download

    got = f"get it where there is a network (`hf download {model}`) or give a local folder"
    try:
        return Path(
            snapshot_download(
                model, revision=revision, allow_patterns=WANTED, ignore_patterns=UNUSED
            )
        )
    except errors.GatedRepoError:
        reason = f"gated: ask for access on https://huggingface.co/{model}, then `hf auth login`"
    except errors.RepositoryNotFoundError:
        reason = (
            "not on the hub, or private: check the name, or `hf auth login` with an account that "
            "may read it"
        )
    except errors.RevisionNotFoundError:
        reason = f"no revision {revision!r}; see https://huggingface.co/{model}/tree/main"
    except errors.LocalEntryNotFoundError:
        state = "HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else "the hub did not answer"
        reason = f"not in the local cache, and {state}; {got}"
    except errors.HFValidationError:
        reason = "no such folder, and no valid hub id"
    except (errors.HfHubHTTPError, OSError) as error:
        reason = f"the download failed ({type(error).__name__}); {got}"
    raise InputError(f"{name}: {reason}") from None


def _check(name: str, found: Path) -> None:
    if not any((found / config).is_file() for config in CONFIGS):
        raise InputError(
            f"{name}: no config.json in it; name the folder that `save_pretrained` wrote"
        )
    if any(found.rglob("*.safetensors")):
        return
    if any(found.glob("*.msgpack")):
        kind = "only Flax weights, which transformers 5 cannot read; use a PyTorch relative"
    else:
        kind = (
            "no .safetensors weights, and pickled ones (.bin) are not read, as they can run code; "
            "if you trust them, load them once with from_pretrained(..., use_safetensors=False), "
            "save_pretrained(FOLDER) together with the tokenizer, and set model: FOLDER; on the "
            "hub a conversion may wait under revision: refs/pr/1"
        )
    raise InputError(f"{name}: {kind}")
