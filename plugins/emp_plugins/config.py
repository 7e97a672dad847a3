"""The ``empathy:`` block of a recipe."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from emp_plugins.affect import hourglass
from emp_plugins.affect.categories import Categories
from emp_plugins.completion import Template
from emp_plugins.errors import InputError
from emp_plugins.judges import read_spec
from emp_plugins.monitor import health
from emp_plugins.monitor.settings import MonitorConfig
from emp_plugins.rewards import formula, safety
from emp_plugins.validation import Invalid, Problem, plain, validate

UNKNOWN, WEIGHT = "unknown_name", "weight"
"""Kinds of problems: no such reward, judge or backend; a weight that the gate forbids."""


class EmpathyConfig(BaseModel):
    """The validated block; build it with ``from_block`` or ``from_recipe``.

    Example:
        >>> block = {"rewards": {"safety": {}, "structure": {"weight": 0.5}}}
        >>> EmpathyConfig.from_block(block).weights
        [1.0, 0.5]
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    template: str | None = Field(
        None, description="YAML file with the system prompt, tags and reasoning lines."
    )
    answer: Literal["tagged", "whole"] = Field(
        "tagged", description="Score only the tagged answer, or the whole completion."
    )
    matrix: dict[str, list[float]] = Field(
        default_factory=dict, description="Rows of the affective matrix to replace, by emotion."
    )
    judges: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Backend of each kind of judge."
    )
    rewards: dict[str, dict[str, Any] | None] = Field(
        default_factory=dict, description="Reward name to its parameters, in log order."
    )
    categories: Categories = Field(
        default_factory=Categories, description="Thresholds of the risk categories of a state."
    )
    monitor: MonitorConfig | None = Field(
        None, description="Measure the model on held-out prompts while it trains."
    )
    _params: dict[str, Any] = PrivateAttr(default_factory=dict)
    _specs: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def from_recipe(cls, recipe: Mapping[str, Any]) -> EmpathyConfig | None:
        """Validates the block of a recipe.

        Args:
            recipe: The recipe as read from YAML.

        Returns:
            The block, or None where the recipe has none.

        Raises:
            InputError: See ``from_block``.
        """
        block = recipe.get("empathy")
        return None if block is None else cls.from_block(block)

    @classmethod
    def from_block(cls, block: Any) -> EmpathyConfig:
        """Validates the content of ``empathy:``.

        Args:
            block: The mapping under the key.

        Returns:
            The validated block.

        Raises:
            Invalid: Unknown keys or rewards, wrong types, a weight below 0 under the gate; names
                each key and what is allowed.
        """
        if not isinstance(block, Mapping):
            kind = type(block).__name__
            raise Invalid([Problem(("empathy",), f"expected a mapping, got {kind}", "dict_type")])
        config = validate(cls, plain(block), ("empathy",))
        found: list[Problem] = []
        for kind, spec in config.judges.items():
            with _collected(found, ("empathy", "judges", kind), UNKNOWN):
                config._specs[kind] = read_spec(kind, spec, ("empathy", "judges"))
        with _collected(found, ("empathy", "matrix"), "matrix"):
            hourglass.matrix(config.matrix)
        for name, params in config.rewards.items():
            path = ("empathy", "rewards", name)
            with _collected(found, path, UNKNOWN):
                config._params[name] = validate(formula(name).Params, params or {}, path)
        if config.gate is not None:
            with _collected(found, ("empathy", "rewards"), WEIGHT):
                names = [f"empathy.rewards.{name}" for name in config._params]
                check_weights(config.weights, names)
        if config.monitor is not None:
            with _collected(found, ("empathy", "monitor"), "monitor"):
                health.check_settings(config.monitor.health, config.monitor.stop_on)
        with _collected(found, ("empathy", "template"), "template"):
            _ = config.resolved_template
        if found:
            raise Invalid(found)
        return config

    @property
    def judge_specs(self) -> dict[str, Any]:
        """Kind of judge to its validated backend settings."""
        return dict(self._specs)

    @property
    def reward_params(self) -> dict[str, Any]:
        """Reward name to its validated parameters, in the block's order."""
        return dict(self._params)

    @property
    def weights(self) -> list[float]:
        """The rewards' weights, in the block's order."""
        return [params.weight for params in self._params.values()]

    @property
    def gate(self) -> safety.Params | None:
        """The safety parameters when they gate the other rewards."""
        params = self._params.get("safety")
        return params if params is not None and params.gate else None

    @cached_property
    def resolved_template(self) -> Template:
        """The template that ``template`` names, or the default one."""
        return Template.load(self.template) if self.template else Template()


@contextlib.contextmanager
def _collected(found: list[Problem], path: tuple[str, ...], kind: str) -> Iterator[None]:
    """Puts what is wrong into ``found``, so that all faults of a block are told at once."""
    try:
        yield
    except Invalid as error:
        found += error.problems
    except InputError as error:
        key, _, rest = str(error).partition(": ")
        if key.startswith("empathy."):
            found.append(Problem(tuple(key.split(".")), rest, kind))
        else:
            found.append(Problem(path, rest if key == path[-1] else str(error), kind))


def check_weights(weights: Sequence[float], names: Sequence[str]) -> None:
    """Refuses weights that would let an unsafe reply win.

    Args:
        weights: Weights of all rewards.
        names: What to call each in the message.

    Raises:
        InputError: A weight is below 0.
    """
    for weight, name in zip(weights, names, strict=True):
        if not weight >= 0:
            raise InputError(
                f"{name}: weight {weight} is below 0, and with `safety: {{gate: true}}` that would "
                "reward unsafe replies; use a weight of at least 0 or set gate: false"
            )
