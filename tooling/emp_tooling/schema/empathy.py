"""Our part of a recipe's schema: the ``empathy:`` block with each reward's and judge's settings."""

from __future__ import annotations

import importlib
from typing import Any

from emp_plugins.affect.goemotions import LABELS
from emp_plugins.affect.hourglass import AXES
from emp_plugins.config import EmpathyConfig
from emp_plugins.judges import BACKENDS, kinds
from emp_plugins.reward_funcs import PLUGIN_NAMES
from emp_plugins.rewards import REWARDS
from emp_tooling.schema.pydantic_schema import generate
from emp_tooling.schema.walk import Schema, described, hoist, optional, reference, when

DEFAULT_BACKEND = "embedded"


def schema(definitions: Schema) -> Schema:
    """The schema of the block.

    Args:
        definitions: Where the schemas of rewards and judges go; changed in place.

    Returns:
        A schema that refers to them, with ``x-plugin``.
    """
    block = hoist(generate(EmpathyConfig), definitions)
    _fill(block, "matrix", dict.fromkeys(LABELS, _row()))
    _fill(block, "judges", {kind: _judge(kind, definitions) for kind in kinds()})
    _fill(block, "rewards", {name: _reward(name, definitions) for name in REWARDS})
    block["description"] = "The rewards of this recipe, and the judges behind them."
    definitions["EmpathyConfig"] = block
    return {**optional(reference("EmpathyConfig")), "x-plugin": list(PLUGIN_NAMES)}


def _fill(block: Schema, key: str, properties: Schema) -> None:
    """Names what a mapping may hold, where the model alone allows anything."""
    kept = described({"type": "object"}, block["properties"][key].get("description"))
    block["properties"][key] = {**kept, "properties": properties, "additionalProperties": False}


def _row() -> Schema:
    text = f"Its four numbers: {', '.join(AXES)}."
    size = len(AXES)
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": size, "maxItems": size}
    return {**numbers, "description": text}


def _reward(name: str, definitions: Schema) -> Schema:
    formula = REWARDS[name]
    definitions[f"reward-{name}"] = described(
        hoist(generate(formula.Params), definitions), _first_line(formula)
    )
    return described(optional(reference(f"reward-{name}")), _first_line(formula))


def _judge(kind: str, definitions: Schema) -> Schema:
    """One schema a backend, chosen by ``backend``."""
    offered = [backend for backend in BACKENDS if kind in BACKENDS[backend]]
    branch: Schema = {}
    for backend in reversed(offered):
        spec = importlib.import_module(BACKENDS[backend][kind]).Spec
        part = hoist(generate(spec), definitions)
        part["properties"]["backend"].pop("const", None)
        name = f"judge-{kind}-{backend}"
        definitions[name] = part
        branch = when("backend", [backend], reference(name), branch)
    backends = {"enum": offered, "description": f"One of {', '.join(offered)}."}
    judge: Schema = {"type": "object", "properties": {"backend": backends}}
    if DEFAULT_BACKEND in offered:
        absent = reference(f"judge-{kind}-{DEFAULT_BACKEND}")
        judge |= {"if": {"required": ["backend"]}, "then": branch, "else": absent}
    else:
        judge |= {"required": ["backend"], **branch}
    return described(judge, f"The judge of kind {kind}.")


def _first_line(module: Any) -> str:
    return (module.__doc__ or "").strip().splitlines()[0]
