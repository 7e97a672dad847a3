"""What a killed run needs to go on from where it was, beyond what the trainer does by itself."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

LOG = logging.getLogger(__name__)
STATE = "trainer_state.json"
WEIGHTS = "adapter_model.safetensors"


def pin_checkpoint(cfg: Any) -> None:
    """Points ``auto_resume_from_checkpoints`` at the last checkpoint that is whole.

    A process killed while it saves leaves a folder without the trainer's state, which is written
    last; Axolotl takes the folder with the highest number and fails. Calling it again changes
    nothing.

    Args:
        cfg: Axolotl's raw configuration; ``resume_from_checkpoint`` is set in place only where the
            last checkpoint is not whole.
    """
    if not cfg.get("auto_resume_from_checkpoints") or cfg.get("resume_from_checkpoint"):
        return
    found = checkpoints(Path(str(cfg.get("output_dir") or "model-out")))
    whole = [path for path in found if is_whole(path)]
    if found and found[-1] not in whole:
        LOG.warning("%s was not saved to its end and is left out", found[-1])
        if whole:
            cfg["resume_from_checkpoint"] = str(whole[-1])
        else:
            cfg["auto_resume_from_checkpoints"] = False


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoint folders of a run, by their step.

    Args:
        folder: The run's ``output_dir``.

    Returns:
        Folders ``checkpoint-N``, the lowest N first.
    """
    found = [path for path in folder.glob("checkpoint-*") if path.name[11:].isdigit()]
    return sorted(found, key=lambda path: int(path.name[11:]))


def is_whole(checkpoint: Path) -> bool:
    """Whether a checkpoint was saved to its end.

    Args:
        checkpoint: The folder.

    Returns:
        Whether it holds the trainer's state, which is written last, as valid JSON.
    """
    try:
        json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def restore_adapter(model: Any, checkpoint: Path) -> bool:
    """Loads the trained adapter that the trainer passed over.

    TRL keeps a frozen copy of a LoRA adapter under ``ref``, saved in a folder of its own beside the
    trained one. On resume transformers loads the folders only, so the policy would silently start
    again from its base model.

    Args:
        model: The trainer's model, without wrappers; its adapter is changed in place.
        checkpoint: Where the run resumes from.

    Returns:
        Whether there was anything to restore.
    """
    if not (checkpoint / "ref").is_dir() or not (checkpoint / WEIGHTS).is_file():
        return False
    from peft import set_peft_model_state_dict
    from peft.utils import load_peft_weights

    weights = load_peft_weights(str(checkpoint), device="cpu")
    set_peft_model_state_dict(model, weights, adapter_name="default")
    return True
