"""Rewards: completions in, one number each out, in TRL's signature.

Use them from a recipe (the ``empathy:`` block) or from plain TRL:

    >>> from emp_plugins.rewards import make
    >>> safety = make("safety", answer="whole")
    >>> safety(["I failed my exam."], ["That sounds so hard. What happened?"])
    [1.0]

A new reward is one file with ``Params``, ``floor`` and ``score``, and one line in ``REWARDS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Literal

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.rewards import (
    affective_shift,
    brevity,
    clinical_relevance,
    empathy,
    llm_judge,
    novelty,
    safety,
    semantic_similarity,
    socratic,
    structure,
    tone,
)
from emp_plugins.validation import validate

REWARDS: Mapping[str, ModuleType] = {
    "affective_shift": affective_shift,
    "brevity": brevity,
    "clinical_relevance": clinical_relevance,
    "empathy": empathy,
    "llm_judge": llm_judge,
    "novelty": novelty,
    "safety": safety,
    "semantic_similarity": semantic_similarity,
    "socratic": socratic,
    "structure": structure,
    "tone": tone,
}


def formula(name: str) -> ModuleType:
    """The module that holds a reward's parameters and formula.

    Args:
        name: A key of ``REWARDS``.

    Returns:
        The module.

    Raises:
        InputError: There is no such reward; names the nearest.
    """
    if name not in REWARDS:
        hint = did_you_mean(name, REWARDS)
        raise InputError(f"empathy.rewards.{name}: unknown reward; {hint}")
    return REWARDS[name]


def make(name: str, *, answer: Literal["tagged", "whole"] = "tagged", **params: Any) -> Any:
    """Builds one reward for plain TRL, without a recipe.

    Args:
        name: A key of ``REWARDS``.
        answer: ``tagged`` scores the text between the answer tags, ``whole`` all of it.
        **params: The reward's parameters.

    Returns:
        A picklable callable, ready for ``reward_funcs``.

    Raises:
        InputError: Unknown name or parameter, or a value out of range.
    """
    from emp_plugins.rewards.reward import Reward

    checked = validate(formula(name).Params, params, (name,))
    return Reward(name=name, params=checked, answer=answer)


def build(config: Any, *, table: bool = False) -> list[Any]:
    """Builds the rewards of a validated block, in its order.

    Args:
        config: An ``EmpathyConfig``.
        table: Whether the first one fills the columns of TRL's table of completions that
            ``monitor.log_extra`` asks for.

    Returns:
        One ``Reward`` for each entry of ``rewards:``; where ``safety`` gates, every other one
        carries the gate.
    """
    from emp_plugins.rewards.reward import Reward

    first = next(iter(config.reward_params), None) if table else None
    return [
        Reward(
            name=name,
            params=params,
            template=config.resolved_template,
            answer=config.answer,
            judges=config.judge_specs,
            overrides=dict(config.matrix),
            gate=config.gate if name != "safety" else None,
            table=config.reward_params.get("safety", safety.Params()) if name == first else None,
        )
        for name, params in config.reward_params.items()
    ]
