"""From a recipe or a preset to its suite of rewards."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.files import read_yaml
from emp_plugins.judges import BACKENDS
from emp_plugins.registration import PREFIX, configured_rewards, fill_trl
from emp_plugins.reward_funcs import GATED, import_function
from emp_plugins.rewards import REWARDS
from emp_plugins.rewards.gated import GatedReward
from emp_tooling.suites.suite import Member, Suite, built_in, users_own


def presets() -> list[str]:
    """Names of the shipped reward sets that a recipe can be compared with.

    Example:
        >>> "seed" in presets()
        True
    """
    folder = resources.files(__package__) / "presets"
    return sorted(file.name.removesuffix(".yml") for file in folder.iterdir())


def from_recipe(recipe: Mapping[str, Any], path: Path, *, embedded: bool = False) -> Suite:
    """Builds what a recipe trains with.

    Args:
        recipe: The recipe as read from YAML.
        path: Its file, for messages.
        embedded: Use the embedded judge in place of every other one.

    Returns:
        The rewards of the ``empathy:`` block after the user's own of ``trl.reward_funcs``.

    Raises:
        InputError: There is no block, it is wrong, or a judge or function cannot be loaded.
    """
    if recipe.get("empathy") is None:
        raise InputError(f"{path}: empathy: no such block; there are no rewards")
    recipe, notes = copy.deepcopy(dict(recipe)), []
    if embedded:
        recipe["empathy"], notes = embedded_only(recipe["empathy"])
    rewards = configured_rewards(recipe)
    if not rewards:
        raise InputError(f"{path}: empathy.rewards: no rewards are left; {' '.join(notes)}".strip())
    template = EmpathyConfig.from_recipe(recipe).resolved_template
    own = _users(recipe, rewards, notes)
    if (recipe.get("trl") or {}).get("multi_objective_aggregation") == "normalize_then_sum":
        notes.append(
            "The recipe normalizes each reward within its group before the sum; the total here is "
            "the plain weighted sum, which compares replies across groups."
        )
    return Suite((*own, *map(built_in, rewards.values())), template, tuple(notes))


def from_preset(name: str, recipe: Mapping[str, Any], *, embedded: bool = False) -> Suite:
    """Builds a shipped set of rewards on a recipe's template and judges.

    Args:
        name: One of ``presets()``.
        recipe: The recipe whose template and judges are used.
        embedded: Use the embedded judge in place of every other one.

    Returns:
        The preset's rewards.

    Raises:
        InputError: There is no such preset.
    """
    if name not in presets():
        raise InputError(f"--preset {name}: no such preset; {did_you_mean(name, presets())}")
    with resources.as_file(resources.files(__package__) / "presets" / f"{name}.yml") as file:
        block = read_yaml(file)["empathy"]
    shared = {
        key: recipe["empathy"][key]
        for key in ("template", "judges", "matrix")
        if recipe["empathy"].get(key)
    }
    block = {**block, **shared}
    notes: list[str] = []
    if embedded:
        block, notes = embedded_only(block)
    rewards = configured_rewards({"empathy": block})
    template = EmpathyConfig.from_block(block).resolved_template
    return Suite(tuple(map(built_in, rewards.values())), template, tuple(notes))


def embedded_only(block: Any) -> tuple[Any, list[str]]:
    """A block whose judges are all embedded.

    Args:
        block: The content of ``empathy:``, unchecked.

    Returns:
        The block without other backends and without rewards that then lack a judge, and a line
        for each of those.

    Example:
        >>> block = {"judges": {"emotion": {"backend": "hf"}}, "rewards": {"empathy": {}}}
        >>> embedded_only(block)
        ({'judges': {}, 'rewards': {'empathy': {}}}, [])
    """
    if not isinstance(block, Mapping):
        return block, []
    judges, rewards = block.get("judges") or {}, block.get("rewards") or {}
    if not isinstance(judges, Mapping) or not isinstance(rewards, Mapping):
        return block, []
    kept = {kind: spec for kind, spec in judges.items() if _is_embedded(spec)}
    missing = {name: _without_judge(name) for name in rewards}
    notes = [
        f"{name} is left out: there is no embedded judge for {', '.join(kinds)}."
        for name, kinds in missing.items()
        if kinds
    ]
    left = {name: params for name, params in rewards.items() if not missing[name]}
    return {**block, "judges": kept, "rewards": left}, notes


def _is_embedded(spec: Any) -> bool:
    return not isinstance(spec, Mapping) or spec.get("backend", "embedded") == "embedded"


def _without_judge(name: str) -> list[str]:
    needs = REWARDS[name].NEEDS if name in REWARDS else ()
    return [kind for kind in needs if kind not in BACKENDS["embedded"]]


def _users(recipe: dict[str, Any], rewards: Mapping[str, Any], notes: list[str]) -> list[Member]:
    """The user's own reward functions, behind the gate as registration puts them there."""
    if str(recipe.get("rl") or "").lower() not in ("grpo", "gdpo"):
        return []
    fill_trl(recipe, rewards)
    trl = recipe["trl"]
    names = [name for name in trl.get("reward_funcs") or [] if _is_users(name)]
    found = []
    for name, weight in zip(names, trl.get("reward_weights") or [], strict=False):
        dotted = name.removeprefix(PREFIX + GATED).replace(":", ".")
        if "/" in dotted or "." not in dotted:
            notes.append(f"{dotted} is left out: a reward model, not a function.")
            continue
        function = import_function(dotted)
        gated = GatedReward(function, rewards["safety"]) if name.startswith(PREFIX) else function
        found.append(users_own(dotted, float(weight), function, gated))
    return found


def _is_users(name: str) -> bool:
    return not name.startswith(PREFIX) or name.startswith(PREFIX + GATED)
