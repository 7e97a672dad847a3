"""Which errors replies make, by name: safety rules, vetoes of the affective shift, tone rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emp_plugins.config import EmpathyConfig
from emp_plugins.measure import Column, Measured
from emp_plugins.rewards import affective_shift, tone
from emp_plugins.rewards.reward import Reward
from emp_tooling.evaluate.tables import ERRORS

RULES = f"{ERRORS}rule/"


def error_columns(
    rows: Sequence[Mapping[str, Any]],
    completions: Sequence[str],
    measured: Measured,
    config: EmpathyConfig,
) -> dict[str, Column]:
    """One column an error that was seen.

    Args:
        rows: Prompt rows.
        completions: One a row.
        measured: Their measures, which name the safety rule that fired.
        config: Template, judges and parameters.

    Returns:
        ``errors/rule/<name>`` to 0 or 1 a reply: the safety rules' names, ``toxic_positivity`` and
        ``insensitivity`` as the clinical judge vetoes them, and ``tone_<rule>``. The phrase bank's
        ``errors/<name>`` are other columns.
    """
    found: list[set[str]] = [{rule} if rule else set() for rule in measured.rules]
    arguments = _arguments(rows, completions)
    shift = _alone("affective_shift", config, affective_shift.Params()).explain(**arguments)
    manners = _alone("tone", config, tone.Params()).explain(**arguments)
    answered = [bool(answer) for answer in measured.answers]
    vetoes = shift.notes.get("rule", [""] * len(rows))  # a single axis as target has no vetoes
    for place, (veto, rules) in enumerate(zip(vetoes, manners.notes["rules"], strict=True)):
        if answered[place]:
            found[place] |= {f"tone_{rule}" for rule in rules} | ({veto} if veto else set())
    names = sorted(set().union(*found))
    return {f"{RULES}{name}": [float(name in one) for one in found] for name in names}


def _arguments(rows: Sequence[Mapping[str, Any]], completions: Sequence[str]) -> dict[str, Any]:
    names = dict.fromkeys(key for row in rows for key in row if key != "prompt")
    return {
        "prompts": [row["prompt"] for row in rows],
        "completions": [[{"role": "assistant", "content": text}] for text in completions],
        **{name: [row.get(name) for row in rows] for name in names},
    }


def _alone(name: str, config: EmpathyConfig, default: Any) -> Reward:
    """A reward without the gate, with the recipe's parameters where it has them."""
    return Reward(
        name=name,
        params=config.reward_params.get(name, default),
        template=config.resolved_template,
        answer=config.answer,
        judges=config.judge_specs,
        overrides=dict(config.matrix),
    )
