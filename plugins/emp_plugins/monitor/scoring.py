"""The rewards by which a trainer judges, as functions that the monitor can call."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from typing import Any

from emp_plugins.errors import InputError, did_you_mean

Rewards = dict[str, tuple[Callable[..., Any], float]]

BY_TRL = ("prompts", "completions", "completion_ids", "trainer_state", "log_extra", "log_metric")


def trainer_rewards(
    trainer: Any, columns: Iterable[str], skipped: Collection[str] = ()
) -> Rewards | None:
    """The reward functions of a GRPO trainer, the user's among them, with their weights.

    Reward models are left out: they are modules, which TRL calls by itself.

    Args:
        trainer: Any trainer.
        columns: Columns of the prompts that will be scored.
        skipped: Names of rewards that must not be called.

    Returns:
        Name to function and weight; None for a trainer without rewards.

    Raises:
        InputError: A function asks for a column that the prompts lack.
    """
    if not hasattr(trainer, "reward_funcs"):
        return None
    weights = [float(weight) for weight in trainer.reward_weights]
    found: Rewards = {}
    for function, name, weight in zip(
        trainer.reward_funcs, trainer.reward_func_names, weights, strict=True
    ):
        if not _is_module(function) and name not in skipped:
            _check_columns(name, function, set(columns))
            found[name] = (_callable(function, trainer), weight)
    return found


def check_skipped(skipped: Iterable[str], names: Collection[str]) -> None:
    """Refuses ``skip_rewards`` that the run does not have.

    Args:
        skipped: What the recipe names.
        names: The run's rewards.

    Raises:
        InputError: There is no such reward; names the nearest.
    """
    for name in skipped:
        if name not in names:
            hint = did_you_mean(name, names) if names else "the run has none"
            raise InputError(f"empathy.monitor.skip_rewards: no reward {name!r}; {hint}")


def _is_module(function: Any) -> bool:
    from torch import nn

    return isinstance(function, nn.Module)


def _callable(function: Callable[..., Any], trainer: Any) -> Callable[..., Sequence[float | None]]:
    """The function with all that TRL would pass, and hooks that lead nowhere."""

    def call(
        prompts: Sequence[Any], completions: Sequence[Any], **columns: Any
    ) -> Sequence[float | None]:
        tokenizer = getattr(trainer.processing_class, "tokenizer", trainer.processing_class)
        texts = [messages[-1]["content"] for messages in completions]
        result = function(
            prompts=prompts,
            completions=completions,
            completion_ids=tokenizer(texts, add_special_tokens=False)["input_ids"],
            trainer_state=trainer.state,
            log_extra=_ignore,
            log_metric=_ignore,
            **columns,
        )
        return _awaited(result, trainer) if inspect.iscoroutine(result) else result

    return call


def _awaited(result: Coroutine[Any, Any, Any], trainer: Any) -> Any:
    """By the loop that TRL awaits it in, to which a client kept between calls is bound."""
    loop = getattr(trainer, "async_loop", None)
    if loop is None:
        return asyncio.run(result)
    return asyncio.run_coroutine_threadsafe(result, loop).result()


def _ignore(*args: Any, **kwargs: Any) -> None:
    """What a reward logs about held-out replies must not mix with the training's numbers."""


def _check_columns(name: str, function: Any, columns: set[str]) -> None:
    asked = _required(getattr(function, "function", function))
    missing = sorted(asked - columns - set(BY_TRL))
    if missing:
        raise InputError(
            f"empathy.monitor.prompts: the reward {name} needs the column {missing[0]!r}, which "
            "the held-out prompts lack; name a file that has it"
        )


def _required(function: Callable[..., Any]) -> set[str]:
    try:
        parameters: Mapping[str, inspect.Parameter] = inspect.signature(function).parameters
    except (TypeError, ValueError):  # a function without a signature to read
        return set()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        parameter.name
        for parameter in parameters.values()
        if parameter.kind in kinds and parameter.default is inspect.Parameter.empty
    }
