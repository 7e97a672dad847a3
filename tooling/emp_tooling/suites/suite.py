"""The rewards of a recipe with their weights, and bare replies put into its form."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emp_plugins.completion import Template
from emp_plugins.errors import InputError

PLACEHOLDER = "what the client wrote"
"""Value of a reasoning line of a wrapped reply; says nothing about the reply."""

INTENSITY = "3"

Message = Mapping[str, Any]
Values = list[float | None]


@dataclass(frozen=True)
class Member:
    """One reward of a suite.

    Attributes:
        name: Its name in the logs.
        weight: Its weight in the total.
        call: The reward as it trains, behind the gate where the recipe has one.
        explain: The reward's own formula without the gate: values and named parts.
    """

    name: str
    weight: float
    call: Callable[..., Sequence[float | None]]
    explain: Callable[..., tuple[Values, Mapping[str, Sequence[float]]]]


@dataclass(frozen=True)
class Suite:
    """The rewards that a recipe or a preset trains with.

    Attributes:
        members: The rewards, in log order.
        template: The form that their replies have.
        notes: What a reader must know, such as rewards that were left out.
    """

    members: tuple[Member, ...]
    template: Template
    notes: tuple[str, ...] = ()

    def total(
        self,
        prompts: Sequence[Any],
        completions: Sequence[str],
        columns: Mapping[str, list[Any]] | None = None,
    ) -> np.ndarray:
        """The weighted sum as TRL makes it by default: a reward without a value adds nothing.

        Args:
            prompts: Conversational prompts.
            completions: Whole completions, tags included.
            columns: The dataset's columns.

        Returns:
            (N,) totals.
        """
        replies = [[{"role": "assistant", "content": text}] for text in completions]
        total = np.zeros(len(replies))
        for member in self.members:
            values = member.call(prompts=prompts, completions=replies, **(columns or {}))
            total += member.weight * np.array([value or 0.0 for value in clean(values)])
        return total


def built_in(reward: Any) -> Member:
    """A reward of the ``empathy:`` block as a member of a suite.

    Args:
        reward: What ``emp_plugins.rewards.build`` made.

    Returns:
        The member.
    """
    bare = dataclasses.replace(reward, gate=None)

    def explain(**batch: Any) -> tuple[Values, Mapping[str, Sequence[float]]]:
        scores = bare.explain(**batch)
        return clean(scores.values), scores.parts

    return Member(reward.name, reward.weight, reward, explain)


def users_own(name: str, weight: float, function: Any, gated: Any) -> Member:
    """A reward function of the user as a member of a suite.

    Args:
        name: Its dotted name.
        weight: Its weight.
        function: The function, in TRL's signature.
        gated: The same behind the gate, or the function where there is none.

    Returns:
        The member; calling it raises InputError where the function fails or gives another number
        of values.
    """

    def guarded(callee: Any, batch: Mapping[str, Any]) -> Sequence[float | None]:
        try:
            values = list(callee(**batch, **_trl_extras()))
        except Exception as error:
            # Its text may hold what a client wrote.
            raise InputError(
                f"trl.reward_funcs: {name}: {type(error).__name__} when called with prompts, "
                f"completions and these columns: {_columns(batch)}; there are no "
                "other columns here, so take them as optional keywords"
            ) from error
        if len(values) != len(batch["completions"]):
            raise InputError(
                f"trl.reward_funcs: {name}: gave {len(values)} values for "
                f"{len(batch['completions'])} completions"
            )
        return values

    return Member(
        name,
        weight,
        call=lambda **batch: guarded(gated, batch),
        explain=lambda **batch: (clean(guarded(function, batch)), {}),
    )


def wrap(template: Template, reply: str) -> str:
    """Puts a bare reply into a template, with reasoning that says nothing.

    Args:
        template: The form.
        reply: What the client sees.

    Returns:
        A completion that the template parses without a fault if the reply is not empty and holds
        no tags.

    Example:
        >>> Template().parse(wrap(Template(), "I am so sorry.")).problems
        ()
    """
    if not template.fields:
        return template.render(PLACEHOLDER, reply)
    values = [
        INTENSITY if name == template.intensity_field else PLACEHOLDER for name in template.fields
    ]
    return template.render(values, reply)


def asked(client: str | Sequence[Message], mark: str) -> list[dict[str, Any]]:
    """A conversational prompt that no other one equals.

    Rewards that compare replies within a group know a group by its prompt. The mark, as the
    message's ``name``, makes every reply a group of its own, so that no reply is compared with
    others that were written to attack the same client.

    Args:
        client: What the client says, or a prompt as a dataset holds it.
        mark: A different one for each reply of a batch.

    Returns:
        Messages.
    """
    prompt = [{"role": "user", "content": client}] if isinstance(client, str) else client
    return [*map(dict, prompt[:-1]), {**prompt[-1], "name": mark}]


def clean(values: Sequence[float | None]) -> Values:
    """Values as floats; NaN means no value, as in TRL.

    Args:
        values: What a reward returned.

    Returns:
        As many floats or None.
    """
    return [None if v is None or math.isnan(v) else float(v) for v in values]


def _columns(batch: Mapping[str, Any]) -> str:
    return ", ".join(key for key in batch if key not in ("prompts", "completions")) or "none"


def _trl_extras() -> dict[str, Any]:
    # TRL passes these to every reward function, so one may ask for them by name.
    return {"log_extra": _nothing, "log_metric": _nothing, "trainer_state": None}


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Takes what a reward logs; outside training there is no log."""
