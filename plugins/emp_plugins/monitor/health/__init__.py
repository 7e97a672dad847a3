"""Health rules: what can go wrong in a run, seen while it trains.

A new rule is one file with ``Params``, ``ADVICE``, ``check`` and ``band``, and one line in
``RULES``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from emp_plugins.errors import did_you_mean
from emp_plugins.monitor.health import (
    entropy_collapse,
    entropy_explosion,
    gaming,
    grad_spikes,
    kl_runaway,
    length_creep,
    malformed,
    missed_risk,
    no_signal,
    repetition,
    reward_drop,
    toxic_drift,
    truncation,
)
from emp_plugins.monitor.health.finding import Finding, Warning
from emp_plugins.monitor.health.trainer_logs import finite
from emp_plugins.monitor.history import History
from emp_plugins.monitor.settings import MonitorConfig
from emp_plugins.validation import Invalid, Problem, validate

__all__ = ["RULES", "Finding", "Warning", "bands", "check_settings", "examine"]

RULES: Mapping[str, ModuleType] = {
    "missed_risk": missed_risk,
    "toxic_drift": toxic_drift,
    "gaming": gaming,
    "malformed": malformed,
    "repetition": repetition,
    "reward_drop": reward_drop,
    "kl_runaway": kl_runaway,
    "entropy_collapse": entropy_collapse,
    "entropy_explosion": entropy_explosion,
    "grad_spikes": grad_spikes,
    "no_signal": no_signal,
    "length_creep": length_creep,
    "truncation": truncation,
}
"""Name to module, the gravest first."""

Setting = Mapping[str, Any] | bool | None


def examine(history: History, settings: MonitorConfig) -> list[Warning]:
    """The rules that hold now.

    Args:
        history: The run so far.
        settings: The ``monitor:`` block; its ``health`` has passed ``check_settings``.

    Returns:
        A warning for each, in the order of ``RULES``; without rules that are switched off.

    Example:
        >>> logs = tuple({"step": i, "frac_reward_zero_std": 1.0} for i in range(10))
        >>> [warning.rule for warning in examine(History(logs=logs), MonitorConfig())]
        ['no_signal']
    """
    found = []
    for name, rule, params in _active(settings):
        finding = rule.check(history, params)
        if finding is not None:
            values = {key: value for key, value in finding.values.items() if finite(value)}
            found.append(Warning(name, _step(history), finding.message, rule.ADVICE, values))
    return found


def bands(settings: MonitorConfig) -> dict[str, tuple[float | None, float | None]]:
    """Where healthy values lie, for the rules with a threshold that does not depend on the start.

    Args:
        settings: The ``monitor:`` block.

    Returns:
        Key of the trainer's logs, or measure, to its lowest and highest healthy value; None where
        that end is open.

    Example:
        >>> bands(MonitorConfig())["kl"]
        (None, 0.5)
    """
    found: dict[str, tuple[float | None, float | None]] = {}
    for _, rule, params in _active(settings):
        found |= rule.band(params)
    return found


def check_settings(
    health: Mapping[str, Setting],
    stop_on: Sequence[str],
    path: tuple[str, ...] = ("empathy", "monitor"),
) -> None:
    """Refuses unknown rules, keys and values.

    Args:
        health: Rule to its thresholds, true or nothing for the defaults, false to switch it off.
        stop_on: Rules whose warning ends the training.
        path: Keys that lead to both, for the message.

    Raises:
        Invalid: Each fault, with its key and what is allowed.
    """
    problems: list[Problem] = []
    for name, setting in health.items():
        problems += _faults(name, setting, (*path, "health", name))
    for place, name in enumerate(stop_on):
        where = (*path, "stop_on", place)
        if name not in RULES:
            problems.append(_unknown(name, where))
        elif health.get(name) is False:
            message = f"{name} is switched off in health; switch it on or take it out here"
            problems.append(Problem(where, message, "value_error"))
    if problems:
        raise Invalid(problems)


def _active(settings: MonitorConfig) -> Iterator[tuple[str, ModuleType, Any]]:
    for name, rule in RULES.items():
        setting = settings.health.get(name)
        if setting is not False:
            yield name, rule, rule.Params(**(setting if isinstance(setting, Mapping) else {}))


def _step(history: History) -> int:
    points = [point.step for point in history.points[-1:]]
    logs = [int(log["step"]) for log in history.logs[-1:] if finite(log.get("step"))]
    return max(points + logs, default=0)


def _faults(name: str, setting: Setting, where: tuple[str, ...]) -> list[Problem] | tuple[()]:
    if name not in RULES:
        return [_unknown(name, where)]
    if setting is None or isinstance(setting, bool):
        return []
    try:
        validate(RULES[name].Params, setting, where)
    except Invalid as error:
        return list(error.problems)
    return []


def _unknown(name: str, where: tuple[str | int, ...]) -> Problem:
    return Problem(
        where, f"unknown health rule {name!r}; {did_you_mean(name, RULES)}", "unknown_name"
    )
