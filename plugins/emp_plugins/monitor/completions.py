"""``completions.jsonl``: the replies themselves, on request and on this machine only.

Each line can be scored again by ``emp score RECIPE --jsonl completions.jsonl``.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from emp_plugins.completion import completion_text
from emp_plugins.measure import AFFECT, Measured, measure

NAME = "completions.jsonl"
KEPT = ("persona", "risk", "state", "target")
MODE = 0o600  # readable for its owner: it holds what clients say

Rows = Sequence[Mapping[str, Any]]


def lines(
    step: int, source: str, rows: Rows, completions: Sequence[str], measured: Measured
) -> Iterator[dict[str, Any]]:
    """What the file holds of replies.

    Args:
        step: Training step.
        source: ``monitor`` or ``train``.
        rows: The prompts' rows.
        completions: One a row.
        measured: Their measures.

    Yields:
        One line a reply.
    """
    columns = measured.columns
    rewards = [name for name in columns if name.startswith("reward/")]
    for place, (row, text) in enumerate(zip(rows, completions, strict=True)):
        affect = [columns[axis][place] for axis in AFFECT]
        yield {
            "step": step,
            "source": source,
            "id": row.get("id") or f"{source} {place + 1}",
            "group": f"{source} {step}: {row.get('id') or place + 1}",
            **{name: row[name] for name in KEPT if row.get(name) is not None},
            "prompt": list(row["prompt"]),
            "completion": text,
            "rewards": {name.removeprefix("reward/"): columns[name][place] for name in rewards},
            "total": columns["reward_total"][place] if "reward_total" in columns else None,
            "affect": None if None in affect else affect,
            "polarity": columns["polarity"][place],
            "rule": measured.rules[place],
            "spans": measured.spans[place],
            "problems": list(measured.problems[place]),
        }


def append(path: Path, found: Iterator[Mapping[str, Any]]) -> None:
    """Adds lines to the file, which only its owner can read.

    Args:
        path: The file; its folder is made where it is missing.
        found: The lines.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in found)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, MODE), "ab") as file:
        file.write(text.encode("utf-8", "backslashreplace"))


def set_aside(path: Path) -> None:
    """Renames the file of an old run, whose replies are none of the one that begins here.

    Args:
        path: The file; ``completions.jsonl`` becomes ``completions.1.jsonl``, or the next number
            that is free.
    """
    if path.exists():
        names = (path.with_suffix(f".{number}{path.suffix}") for number in itertools.count(1))
        path.rename(next(name for name in names if not name.exists()))


def keep_training(trainer: Any, path: Path, config: Any, own_time: Callable[[], Any]) -> None:
    """Writes every batch that a GRPO trainer scores.

    It wraps the one method in which TRL has prompts, columns, completions and the rewards of all
    processes in hand; a trainer without it is left alone.

    Args:
        trainer: Any trainer.
        path: The file.
        config: An ``EmpathyConfig``.
        own_time: Makes a context in which time counts as the monitor's.
    """
    if not hasattr(trainer, "_calculate_rewards"):
        return
    original = trainer._calculate_rewards

    @functools.wraps(original)
    def scored(inputs: Any, prompts: Any, completions: Any, *args: Any, **kwargs: Any) -> Any:
        rewards = original(inputs, prompts, completions, *args, **kwargs)
        if trainer.model.training:
            with own_time():
                _keep_batch(trainer, path, config, (inputs, prompts, completions, rewards))
        return rewards

    trainer._calculate_rewards = scored


def _keep_batch(trainer: Any, path: Path, config: Any, batch: tuple[Any, ...]) -> None:
    from accelerate.utils import gather_object

    inputs, prompts, completions, rewards = batch
    rows = gather_object(
        [{**row, "prompt": _messages(said)} for row, said in zip(inputs, prompts, strict=True)]
    )
    texts = gather_object([completion_text(completion) for completion in completions])
    if trainer.accelerator.is_main_process:
        table = dict(zip(trainer.reward_func_names, rewards.T.tolist(), strict=True))
        weights = [float(weight) for weight in trainer.reward_weights]
        given = {
            name: (functools.partial(_given, values), weight)
            for (name, values), weight in zip(table.items(), weights, strict=True)
        }
        measured = measure(rows, texts, config, rewards=given)
        append(path, lines(trainer.state.global_step + 1, "train", rows, texts, measured))


def _given(values: Sequence[float], **arguments: Any) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values]


def _messages(said: Any) -> list[dict[str, str]]:
    return [{"role": "user", "content": said}] if isinstance(said, str) else list(said)
