"""Data sets as Axolotl would load, transform, filter and shuffle them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError
from emp_tooling.train.unsloth.mapping import Plan

FORMATS = {".parquet": "parquet", ".arrow": "arrow", ".csv": "csv", ".txt": "text"}
REPLIES = {
    "dpo": ("chosen", "rejected"),
    "orpo": ("chosen", "rejected"),
    "kto": ("completion",),
    "grpo": (),
}
SHORTEST = 2
"""Tokens that a conversation must have at least."""


def prepare(plan: Plan, tokenizer: Any) -> tuple[Any, Any]:
    """The rows to train on and to evaluate.

    Args:
        plan: The plan of a recipe.
        tokenizer: The model's tokenizer with its chat template.

    Returns:
        Two data sets of `datasets`; the second is None where the recipe holds nothing out.

    Raises:
        InputError: A data set cannot be read, a row is too long where that is forbidden, or no row
            is left.
    """
    train = _split(plan, plan.rows.train, "train", tokenizer)
    if plan.rows.evaluation:
        return train, _split(plan, plan.rows.evaluation, "test", tokenizer)
    if not plan.rows.val_set_size:
        return train, None
    held_out = train.train_test_split(test_size=plan.rows.val_set_size, shuffle=False)
    return held_out["train"], held_out["test"]


def _split(plan: Plan, entries: tuple[Mapping[str, Any], ...], split: str, tokenizer: Any) -> Any:
    from datasets import concatenate_datasets

    parts = []
    for index, entry in enumerate(entries):
        rows = _transformed(plan, entry, index, load(entry, split), tokenizer)
        kept = _fitting(rows, plan, tokenizer)
        if len(kept) == 0:
            raise InputError(
                f"{entry['path']}: none of its {len(rows)} rows fits sequence_len "
                f"{plan.rows.sequence_len}"
            )
        parts.append(_whole_texts(kept, plan, tokenizer))
    whole = concatenate_datasets(parts)
    return whole.shuffle(seed=plan.rows.seed) if plan.rows.shuffle else whole


def load(entry: Mapping[str, Any], split: str = "train") -> Any:
    """Loads one entry of ``datasets:``.

    Args:
        entry: Its keys: a path on this machine or the name of a data set on the hub, and maybe
            ``split``, ``name``, ``revision``, ``data_files``, ``ds_type``.
        split: The split to take of a data set with several, where the entry names none.

    Returns:
        The rows.

    Raises:
        InputError: It cannot be read.
    """
    from datasets.exceptions import DatasetsError

    path = Path(entry["path"])
    kind = entry.get("ds_type") or FORMATS.get(path.suffix, "json")
    try:
        if path.is_file():
            return _load(kind, entry, data_files=str(path), split=entry.get("split") or "train")
        if path.is_dir() and not entry.get("data_files"):
            return _chosen(_folder(path, entry), entry, split)
        if path.is_dir():
            return _chosen(_load(kind, entry, data_files=entry["data_files"]), entry, split)
        hub = {"data_files": entry.get("data_files"), "revision": entry.get("revision")}
        return _chosen(_load(str(entry["path"]), entry, **hub), entry, split)
    except InputError:
        raise
    except (DatasetsError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"datasets: {entry['path']}: cannot be read: {reason}") from None


def _load(source: str, entry: Mapping[str, Any], **options: Any) -> Any:
    from datasets import load_dataset

    return load_dataset(source, name=entry.get("name"), **({"split": entry.get("split")} | options))


def _folder(path: Path, entry: Mapping[str, Any]) -> Any:
    from datasets import load_from_disk

    try:
        return load_from_disk(str(path))
    except FileNotFoundError:  # no saved data set: a folder of files
        return _load(str(path), entry)


def _chosen(found: Any, entry: Mapping[str, Any], split: str) -> Any:
    from datasets import DatasetDict

    if not isinstance(found, DatasetDict):
        return found
    wanted = entry.get("split") or split
    if wanted not in found:
        raise InputError(
            f"datasets: {entry['path']}: has no split {wanted}; write `split:` ({', '.join(found)})"
        )
    return found[wanted]


def _transformed(
    plan: Plan, entry: Mapping[str, Any], index: int, rows: Any, tokenizer: Any
) -> Any:
    if plan.method == "sft":
        function, options = _conversation(entry, tokenizer), {"remove_columns": rows.column_names}
    else:
        function, options = _transform(plan, entry, index, tokenizer)
    removed = [name for name in options.get("remove_columns", ()) if name in rows.column_names]
    return rows.map(function, remove_columns=removed, num_proc=plan.rows.processes)


def _conversation(entry: Mapping[str, Any], tokenizer: Any) -> Callable[[Any], Any]:
    from emp_tooling.train.unsloth.chat import tokenize

    field = entry.get("field_messages", "messages")
    trained = entry.get("roles_to_train", ["assistant"])

    def transform(row: Mapping[str, Any]) -> dict[str, Any]:
        if row.get(field) is None:
            raise InputError(f"datasets: {entry['path']}: a row has no {field}: field_messages")
        return tokenize(row[field], tokenizer, trained)

    return transform


def _transform(
    plan: Plan, entry: Mapping[str, Any], index: int, tokenizer: Any
) -> tuple[Callable[[Any], Any], Mapping[str, Any]]:
    from emp_plugins import transforms

    made = getattr(transforms, entry["type"].rpartition(".")[2])(plan.recipe, index)
    function, options = made if isinstance(made, tuple) else (made, {})
    return lambda row: function(row, tokenizer=tokenizer), options


def _fitting(rows: Any, plan: Plan, tokenizer: Any) -> Any:
    """The rows that are not too long; Unsloth would cut the others without a word."""
    limit, forbidden = plan.rows.sequence_len, plan.rows.too_long == "raise"
    if plan.method == "grpo":  # Axolotl keeps them all, but its models take any length
        limit, forbidden = limit - plan.trainer["max_completion_length"], True
    floor = SHORTEST if plan.method == "sft" else 0
    tokens = _counter(plan.method, tokenizer)

    def fits(row: Mapping[str, Any]) -> bool:
        count = tokens(row)
        if forbidden and count > limit:
            raise InputError(_too_long(count, limit, plan))
        return floor <= count <= limit

    return rows.filter(fits, num_proc=plan.rows.processes)


def _counter(method: str, tokenizer: Any) -> Callable[[Mapping[str, Any]], int]:
    def count(text: str) -> int:
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    if method == "sft":
        return lambda row: len(row["input_ids"])
    if method == "grpo":
        return lambda row: count(
            tokenizer.apply_chat_template(row["prompt"], tokenize=False, add_generation_prompt=True)
        )
    return lambda row: count(row["prompt"]) + max(count(row[name]) for name in REPLIES[method])


def _too_long(count: int, limit: int, plan: Plan) -> str:
    if plan.method == "grpo":
        return (
            f"datasets: a prompt has {count} tokens, and sequence_len {plan.rows.sequence_len} "
            f"less trl.max_completion_length leaves {limit}: raise sequence_len"
        )
    return f"datasets: a row has {count} tokens, more than sequence_len {limit}"


def _whole_texts(rows: Any, plan: Plan, tokenizer: Any) -> Any:
    """Takes the start token off prompts as text where the tokenizer adds it once more."""
    start = tokenizer.bos_token
    if plan.method in ("sft", "grpo") or start is None or not _adds_start(tokenizer):
        return rows
    return rows.map(lambda row: {"prompt": row["prompt"].removeprefix(start)})


def _adds_start(tokenizer: Any) -> bool:
    return tokenizer("a")["input_ids"][:1] == [tokenizer.bos_token_id]
