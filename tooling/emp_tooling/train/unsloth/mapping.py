"""From a recipe to what Unsloth and TRL are called with: a pure function, and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from emp_plugins.errors import InputError
from emp_plugins.validation import plain
from emp_tooling.train.unsloth import tables
from emp_tooling.train.unsloth.refusals import Refusal, method_of, refusals
from emp_tooling.train.unsloth.schedule import Schedule, evaluating, saving
from emp_tooling.train.unsloth.values import as_read


class Unsupported(InputError):
    """A recipe says what this engine cannot do.

    Attributes:
        refused: Key and reason of each.
    """

    def __init__(self, refused: list[Refusal]) -> None:
        reasons: dict[str, list[str]] = {}
        for key, why in refused:
            reasons.setdefault(why, []).append(key)
        listed = "; ".join(f"{', '.join(keys)}: {why}" for why, keys in reasons.items())
        super().__init__(f"--engine unsloth cannot do all that the recipe says: {listed}")
        self.refused = tuple(refused)


@dataclass(frozen=True)
class Rows:
    """How the data becomes rows.

    Attributes:
        train: Entries of ``datasets:``.
        evaluation: Entries of ``test_datasets:``.
        sequence_len: Tokens that prompt and reply may have together.
        too_long: What happens to a longer row.
        val_set_size: Rows, or share of the rows, held out for evaluation; 0 for none.
        shuffle: Whether the rows are shuffled once.
        processes: Processes that prepare rows; None for this one alone.
        seed: Seed of the shuffle.
    """

    train: tuple[Mapping[str, Any], ...]
    evaluation: tuple[Mapping[str, Any], ...]
    sequence_len: int
    too_long: Literal["drop", "raise"]
    val_set_size: float
    shuffle: bool
    processes: int | None
    seed: int


@dataclass(frozen=True)
class Precision:
    """Number formats of training; None is decided by what the GPU can.

    Attributes:
        half: ``bfloat16`` or ``float16``.
        tf32: Whether matrix products of 32-bit numbers may round.
    """

    half: Literal["bfloat16", "float16"] | None
    tf32: bool | None


@dataclass(frozen=True)
class Plan:
    """What a recipe means to this engine.

    Attributes:
        recipe: Its keys, for the dataset transforms and the rewards.
        method: One of ``tables.METHODS``.
        model: Arguments of ``FastLanguageModel.from_pretrained``.
        adapter: Arguments of ``FastLanguageModel.get_peft_model``; None trains all weights.
        trainer: Arguments of TRL's config class that follow from the recipe alone.
        schedule: Those that follow from the number of rows as well.
        precision: Those that follow from the GPU as well.
        rows: Data sets and what happens to their rows.
        chat_template: Jinja text in place of the tokenizer's own template, or None.
        environment: Variables that tracking reads.
        resume: A checkpoint's folder; True for the latest there is; False to start anew.
    """

    recipe: Mapping[str, Any]
    method: str
    model: Mapping[str, Any]
    adapter: Mapping[str, Any] | None
    trainer: Mapping[str, Any]
    schedule: Schedule
    precision: Precision
    rows: Rows
    chat_template: str | None
    environment: Mapping[str, str]
    resume: str | bool


def plan(recipe: Mapping[str, Any]) -> Plan:
    """Maps a recipe to Unsloth and TRL.

    Args:
        recipe: The recipe as read from YAML; a key without a value says nothing.

    Returns:
        The plan.

    Raises:
        Unsupported: It says something that this engine cannot do; lists all of it.

    Example:
        >>> lora = {"adapter": "lora", "lora_r": 16, "lora_alpha": 32, "lora_target_linear": True}
        >>> data = {"datasets": [{"path": "data/pairs.jsonl", "type": "emp_plugins.pairs"}]}
        >>> base = {"base_model": "org/name", "learning_rate": 5e-5, "rl": "dpo", "rl_beta": 0.2}
        >>> found = plan(base | lora | data)
        >>> found.trainer["beta"], found.trainer["max_length"], found.adapter["target_modules"]
        (0.2, 512, 'all-linear')
    """
    said = as_read({key: value for key, value in plain(recipe).items() if value is not None})
    refused = refusals(said)
    if refused:
        raise Unsupported(refused)
    method = method_of(said)
    try:
        schedule, trainer = Schedule.of(said, method), _trainer(said, method)
    except (TypeError, ValueError) as error:
        raise InputError(f"--engine unsloth: a value has the wrong type: {error}") from None
    return Plan(
        recipe=said,
        method=method,
        model=_model(said),
        adapter=_adapter(said),
        trainer=trainer,
        schedule=schedule,
        precision=_precision(said),
        rows=_rows(said),
        chat_template=said.get("chat_template_jinja"),
        environment=_environment(said),
        resume=said.get("resume_from_checkpoint") or bool(said.get("auto_resume_from_checkpoints")),
    )


def _model(recipe: Mapping[str, Any]) -> dict[str, Any]:
    given = _renamed(recipe, tables.MODEL)
    return {
        "max_seq_length": 512,
        "load_in_8bit": False,
        **given,
        "load_in_4bit": bool(
            given.get("load_in_4bit") or given["model_name"].lower().endswith("-bnb-4bit")
        ),
        "full_finetuning": recipe.get("adapter") is None,
        "random_state": _seed(recipe),
        "use_exact_model_name": True,  # else Unsloth takes a checkpoint that it quantized itself
        "use_gradient_checkpointing": _checkpointing(recipe),
    }


def _adapter(recipe: Mapping[str, Any]) -> dict[str, Any] | None:
    if recipe.get("adapter") is None:
        return None
    every = recipe.get("lora_target_linear")
    return {
        "bias": "none",
        "lora_dropout": 0.0,
        **_renamed(recipe, tables.ADAPTER),
        # Not the seven names: models that fuse their projections have others.
        "target_modules": "all-linear" if every else recipe["lora_target_modules"],
        "random_state": _seed(recipe),
        "use_gradient_checkpointing": _checkpointing(recipe),
    }


def _checkpointing(recipe: Mapping[str, Any]) -> str | bool:
    return "unsloth" if recipe.get("gradient_checkpointing") else False


def _seed(recipe: Mapping[str, Any]) -> int:
    return recipe.get("seed", tables.DEFAULTS["seed"])


def _trainer(recipe: Mapping[str, Any], method: str) -> dict[str, Any]:
    found = tables.DEFAULTS | _renamed(recipe, tables.TRAINER)
    found["learning_rate"] = float(found["learning_rate"])
    found.setdefault("per_device_eval_batch_size", found["per_device_train_batch_size"])
    found["gradient_checkpointing"] = bool(recipe.get("gradient_checkpointing"))
    found |= saving(recipe) | evaluating(recipe) | _reporting(recipe)
    return found | _of_method(recipe, method)


def _of_method(recipe: Mapping[str, Any], method: str) -> dict[str, Any]:
    """Arguments that only one of TRL's config classes has, or has with a default of its own."""
    found = _renamed(recipe, tables.BY_METHOD[method])
    length = {"max_length": recipe.get("sequence_len", 512)}
    if method in ("sft", "dpo"):
        found["padding_free"] = False
    if method == "sft":
        return found | length | {"dataset_kwargs": {"skip_prepare_dataset": True}}
    found = {"beta": tables.BETA[method]} | found
    found["logging_first_step"] = True
    found["remove_unused_columns"] = recipe.get("remove_unused_columns", False)
    if method == "grpo":
        return found | tables.GRPO_DEFAULTS | _renamed(recipe.get("trl", {}), tables.GRPO)
    return found | length | {"dataset_num_proc": _processes(recipe)}


def _reporting(recipe: Mapping[str, Any]) -> dict[str, Any]:
    used = {
        "wandb": recipe.get("use_wandb") or recipe.get("wandb_project"),
        "tensorboard": recipe.get("use_tensorboard"),
        "trackio": recipe.get("use_trackio") or recipe.get("trackio_project_name"),
    }
    found: dict[str, Any] = {"report_to": [name for name, on in used.items() if on]}
    if used["wandb"]:
        found["run_name"] = recipe.get("wandb_name")
    elif used["trackio"]:
        found["run_name"] = recipe.get("trackio_run_name")
    if recipe.get("trackio_project_name"):
        found["project"] = recipe["trackio_project_name"]
    if recipe.get("trackio_space_id"):
        found["trackio_space_id"] = recipe["trackio_space_id"]
    return found


def _environment(recipe: Mapping[str, Any]) -> dict[str, str]:
    return {
        key.upper(): str(value)
        for key, value in recipe.items()
        if key in tables.TRACKING and key.startswith("wandb_") and value
    }


def _precision(recipe: Mapping[str, Any]) -> Precision:
    bf16, tf32 = recipe.get("bf16", "auto"), recipe.get("tf32", "auto")
    half = "bfloat16" if bf16 is True else "float16" if recipe.get("fp16") else None
    return Precision(half, None if tf32 == "auto" else bool(tf32))


def _rows(recipe: Mapping[str, Any]) -> Rows:
    return Rows(
        train=tuple(recipe["datasets"]),
        evaluation=tuple(recipe.get("test_datasets", ())),
        sequence_len=recipe.get("sequence_len", 512),
        too_long=recipe.get("excess_length_strategy", "drop"),
        val_set_size=recipe.get("val_set_size", 0),
        shuffle=recipe.get("shuffle_merged_datasets", True),
        processes=_processes(recipe),
        seed=_seed(recipe),
    )


def _processes(recipe: Mapping[str, Any]) -> int | None:
    """None for one process: with 1, `datasets` starts a pool of one."""
    wanted = recipe.get("dataset_num_proc")
    return wanted if wanted and wanted > 1 else None


def _renamed(recipe: Mapping[str, Any], table: Mapping[str, str]) -> dict[str, Any]:
    """The keys of a table that the recipe holds, in the table's order, under their new names."""
    return {name: recipe[key] for key, name in table.items() if recipe.get(key) is not None}
