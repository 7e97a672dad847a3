"""From a validated block to ``trl.reward_funcs`` and ``trl.reward_weights``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from emp_plugins.config import EmpathyConfig, check_weights
from emp_plugins.errors import InputError
from emp_plugins.reward_funcs import GATED, gated_name, import_function
from emp_plugins.rewards import build

PREFIX = "emp_plugins.reward_funcs."


def configured_rewards(cfg: Mapping[str, Any]) -> dict[str, Any]:
    """Builds the rewards of a recipe and loads what they need.

    Args:
        cfg: Axolotl's raw configuration.

    Returns:
        Reward name to reward, in the block's order.

    Raises:
        InputError: The block is wrong, or a judge's package or weights are missing.
    """
    config = EmpathyConfig.from_recipe(cfg)
    logged = bool((cfg.get("trl") or {}).get("log_completions"))
    table = logged and config.monitor is not None and config.monitor.log_extra
    rewards = {reward.name: reward for reward in build(config, table=table)}
    for name, reward in rewards.items():
        try:
            reward.preflight()
        except ImportError as error:
            raise InputError(
                f"empathy.rewards.{name}: its judge needs {error.name}, which is not installed: "
                "pip install 'empathy-recipes[judges]'"
            ) from None
    return rewards


def fill_trl(cfg: Any, rewards: Mapping[str, Any]) -> None:
    """Writes the rewards into ``cfg.trl``, after the user's own, once however often it is called.

    Args:
        cfg: Axolotl's raw configuration; changed in place. Only ``rl: grpo`` and ``rl: gdpo`` use
            rewards, so other methods are left alone.
        rewards: What ``configured_rewards`` built.

    Raises:
        InputError: Weights and functions differ in number, or the gate meets a weight below 0, a
            reward model or a function that cannot be imported.
    """
    if str(cfg.get("rl") or "").lower() not in ("grpo", "gdpo") or not rewards:
        return
    if not cfg.get("trl"):
        cfg["trl"] = type(cfg)()  # Axolotl's own mapping, whose keys are attributes too
    trl = cfg["trl"]
    users = _users(trl)
    safety = rewards.get("safety")
    gate = safety is not None and safety.params.gate
    if gate:
        check_weights([weight for _, weight in users], [f"trl: {name}" for name, _ in users])
    for name, _ in users:
        _check_function(name, gate)
    trl["reward_funcs"] = [PREFIX + gated_name(name) if gate else name for name, _ in users]
    trl["reward_funcs"] += [PREFIX + name for name in rewards]
    trl["reward_weights"] = [weight for _, weight in users]
    trl["reward_weights"] += [reward.weight for reward in rewards.values()]


def _users(trl: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The user's own functions with their weights, also from an already filled configuration."""
    names = list(trl.get("reward_funcs") or [])
    weights = list(trl.get("reward_weights") or [1.0] * len(names))
    if len(names) != len(weights):
        raise InputError(
            f"trl.reward_weights: {len(weights)} weights for {len(names)} entries of "
            "trl.reward_funcs; give one each (those of the empathy: block have their own weight)"
        )
    gated = PREFIX + GATED
    return [
        (name.removeprefix(gated).replace(":", ".") if name.startswith(gated) else name, weight)
        for name, weight in zip(names, weights, strict=True)
        if name.startswith(gated) or not name.startswith(PREFIX)
    ]


def _check_function(name: str, gate: bool) -> None:
    fault = function_fault(name, gate)
    if fault:
        raise InputError(f"trl.reward_funcs: {name}: {fault}")


def function_fault(name: str, gate: bool) -> str:
    """Why an entry of ``trl.reward_funcs`` cannot be used.

    Axolotl takes what it cannot import for the name of a reward model on the hub, so it is imported
    here first.

    Args:
        name: The entry: the dotted path of a function, or a reward model.
        gate: Whether the safety reward gates the others.

    Returns:
        The reason and what to do, or an empty text.

    Example:
        >>> function_fault("json.dumps", gate=True)
        ''
        >>> function_fault("json.dump_all", gate=True)
        "module 'json' has no attribute 'dump_all'"
    """
    if "/" in name or "." not in name:
        unusable = "a reward model cannot be gated; call it from a function of yours, or set "
        return f"{unusable}empathy.rewards.safety.gate: false" if gate else ""
    try:
        function = import_function(name)
    except ImportError as error:
        return (
            f"cannot be imported ({error}); run from the folder that holds it, or install what it "
            "needs"
        )
    except AttributeError as error:
        return str(error)
    except (Exception, SystemExit) as error:  # the user's module may fail in any way
        return f"its module fails when imported ({type(error).__name__}: {error})"
    return _uncallable(function)


def _uncallable(function: Any) -> str:
    if not callable(function):
        return "is not a function"
    if inspect.iscoroutinefunction(type(function).__call__):
        return "an object with async __call__ is not awaited by TRL; use an async function"
    return ""
