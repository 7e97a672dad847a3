"""The three parts of an audit put together into one result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_plugins.config import EmpathyConfig
from emp_tooling.audit import cases as attack_cases
from emp_tooling.audit import risk_set
from emp_tooling.audit.agreement import agreement, baseline_agreement
from emp_tooling.audit.attack_runs import attack_table, write_attacks
from emp_tooling.audit.attacks import families
from emp_tooling.audit.labels import read_labels
from emp_tooling.audit.report.words import cases_note, warnings
from emp_tooling.audit.risk import risk_table
from emp_tooling.recipe import read_recipe
from emp_tooling.suites import build as suites
from emp_tooling.suites.suite import Suite

PARTS = ("agreement", "attacks", "risk")

NO_LABELS = (
    "Agreement with people was not measured: name a labelled set with --labels. Human good "
    "replies are missing from the attacks for the same reason."
)


@dataclass(frozen=True)
class Order:
    """What to audit.

    Attributes:
        recipe: The recipe's file.
        labels: Labelled sets, as ``labels.read`` takes them.
        presets: Names of reward sets to stand beside the recipe's.
        n: Attack cases of our own, and as many at most from the labelled sets.
        seed: Seed of cases, attacks and bootstrap.
        embedded: Use the embedded judge in place of every other one.
        parts: Which of ``PARTS``.
    """

    recipe: Path
    labels: Sequence[str] = ()
    presets: Sequence[str] = ()
    n: int = 120
    seed: int = 0
    embedded: bool = False
    parts: Sequence[str] = PARTS


def audit(order: Order, progress: Callable[[str], None] = lambda line: None) -> dict[str, Any]:
    """Runs the parts that were asked for.

    Args:
        order: What to audit.
        progress: Called with a line when a step begins.

    Returns:
        A mapping that ``json`` writes; README.md in this folder names its keys.

    Raises:
        InputError: The recipe, the labels or a preset cannot be used.
    """
    recipe = read_recipe(order.recipe)
    own = suites.from_recipe(recipe, order.recipe, embedded=order.embedded)
    others = {
        name: suites.from_preset(name, recipe, embedded=order.embedded) for name in order.presets
    }
    labelled = read_labels(order.labels)
    presets = {name: {"rewards": _weights(suite)} for name, suite in others.items()}
    result: dict[str, Any] = {
        "recipe": str(order.recipe),
        "embedded": order.embedded,
        "seed": order.seed,
        "rewards": _weights(own),
        "labels": [
            {"name": one.name, "rows": len(one.rows), "mechanisms": list(one.mechanisms)}
            for one in labelled
        ],
        "notes": [*own.notes, *_notes(others)],
        "presets": presets,
    }
    sides = [(result, own), *((presets[name], suite) for name, suite in others.items())]
    if "agreement" in order.parts and labelled:
        progress(f"agreement with {sum(len(one.rows) for one in labelled)} labelled replies")
        for side, suite in sides:
            side["agreement"] = agreement(suite, labelled, order.seed)
        result["baselines"] = baseline_agreement(labelled, _emotion(recipe, order), order.seed)
    elif "agreement" in order.parts:
        result["notes"].append(NO_LABELS)
    if "attacks" in order.parts:
        cases = attack_cases.own_cases(order.n, order.seed)
        cases += attack_cases.human_cases(labelled, order.n, order.seed)
        result["attack_cases"] = attack_cases.counts(cases)
        result["notes"].append(cases_note(result["attack_cases"]))
        attacks = write_attacks(list(families().values()), cases, own.template, order.seed)
        progress(f"{len(attacks)} attacks on {len(cases)} clients")
        for side, suite in sides:
            side["attacks"] = attack_table(suite, cases, attacks)
    if "risk" in order.parts:
        messages = risk_set.load()
        progress(f"risk levels of {len(messages)} messages")
        result["risk"] = risk_table(messages)
    return {**result, "warnings": warnings(result)}


def _emotion(recipe: dict[str, Any], order: Order) -> Any:
    if order.embedded:
        return None
    return EmpathyConfig.from_recipe(recipe).judge_specs.get("emotion")


def _notes(others: dict[str, Suite]) -> list[str]:
    return [f"{name}: {note}" for name, suite in others.items() for note in suite.notes]


def _weights(suite: Suite) -> dict[str, float]:
    return {member.name: member.weight for member in suite.members}
