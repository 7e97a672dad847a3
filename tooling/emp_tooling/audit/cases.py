"""Real prompts with a good reply: what attacks are written for and measured against."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from emp_plugins.affect import state
from emp_plugins.completion import Template, client_text
from emp_tooling.audit.attacks import Case
from emp_tooling.audit.labels import STRONG, LabelledSet
from emp_tooling.audit.risk_set import AT_RISK
from emp_tooling.suites.suite import asked, wrap

RISK_SHARE = 0.25
"""Share of our own clients at risk, so that attacks on risk have something to attack."""

SPLITS = ("dev", "heldout")
"""Situations of our own clients: none that a recipe trains on."""

NOT_COLUMNS = ("id", "prompt", "chosen", "rejected", "error", "scores")
"""Columns of a pair that the prompts of a GRPO run do not have."""

MISSED_RISK = "missed_risk"


@dataclass(frozen=True)
class AttackCase:
    """One client, what an attack is compared with, and what the rewards see besides.

    Attributes:
        source: ``own``: a scripted client and reply; ``human``: of a labelled set.
        case: What the attack sees.
        prompt: The prompt as a dataset holds it.
        columns: The dataset's other columns.
        unsafe: The safety rule that the good reply fails, empty where it is safe.
    """

    source: Literal["own", "human"]
    case: Case
    prompt: Any
    columns: dict[str, Any]
    unsafe: str = ""

    @property
    def left_out(self) -> bool:
        """Whether a human reply passes over a disclosed risk: by this project it is no good reply.

        Only this rule counts. Were every failed rule to, a rule that fires on good replies by
        mistake would hide itself.
        """
        return self.source == "human" and self.unsafe == MISSED_RISK


def counts(cases: Sequence[AttackCase]) -> dict[str, Any]:
    """What the cases are.

    Args:
        cases: The cases.

    Returns:
        For each source how many there are, at risk, and with a good reply that fails each safety
        rule; ``left_out``: how many do not count in ``win_rate``.
    """
    table: dict[str, Any] = {"left_out": sum(case.left_out for case in cases)}
    for source in ("own", "human"):
        found = [case for case in cases if case.source == source]
        table[source] = {
            "cases": len(found),
            "at_risk": sum(case.case.risk >= AT_RISK for case in found),
            "unsafe": dict(Counter(case.unsafe for case in found if case.unsafe)),
        }
    return table


def own_cases(n: int, seed: int) -> list[AttackCase]:
    """Scripted clients with our good replies, some at risk.

    Args:
        n: How many.
        seed: The same seed, the same cases.

    Returns:
        The cases, half of situations and phrases held out for choosing and half for measuring;
        all personas take turns.

    Raises:
        InputError: The package that the scripted teacher needs is missing.
    """
    from emp_datagen.cases import Plan
    from emp_datagen.crew import CrewSpec
    from emp_datagen.judging.select import Rule
    from emp_datagen.personas import load
    from emp_datagen.run.engine import preview

    # Only the good reply counts, so no case is dropped for its pair's lengths.
    crew = CrewSpec(judged=False, rule=Rule(max_length_ratio=math.inf))
    personas, rows = load(), []
    for number, split in enumerate(SPLITS):
        size = (n + 1 - number) // len(SPLITS)
        plan = Plan("pairs", personas, size, seed, split, risk_share=RISK_SHARE)
        rows += preview(plan, crew) if size else []
    return _checked([_own(row) for row in rows])


def _own(row: dict[str, Any]) -> AttackCase:
    _, client = state.parse(client_text(row["prompt"]))
    columns = {key: value for key, value in row.items() if key not in NOT_COLUMNS}
    case = Case(client, row["chosen"][-1]["content"], row["risk"] or 0)
    return AttackCase("own", case, row["prompt"], columns)


def human_cases(labelled: Sequence[LabelledSet], n: int, seed: int) -> list[AttackCase]:
    """Clients of labelled sets with replies that people labelled strong in some mechanism.

    Args:
        labelled: The sets.
        n: How many at most.
        seed: Which are taken where there are more.

    Returns:
        The cases, one a client, in random order.
    """
    from emp_plugins.safety import risk_level

    strong = [
        row for one in labelled for row in one.rows if max(row.levels.values(), default=0) >= STRONG
    ]
    rng = random.Random(f"human:{seed}")
    rng.shuffle(strong)
    taken = list({row.client: row for row in reversed(strong)}.values())[::-1][:n]
    return _checked(
        [
            AttackCase("human", Case(row.client, row.reply, risk_level(row.client)), row.client, {})
            for row in taken
        ]
    )


def _checked(cases: list[AttackCase]) -> list[AttackCase]:
    """The cases with the safety rule that each good reply fails, if one."""
    from emp_plugins.rewards import safety
    from emp_plugins.rewards.reward import Reward, make_batch

    template = Template()
    reward = Reward("safety", safety.Params(), template)
    prompts = [asked(case.prompt, str(number)) for number, case in enumerate(cases)]
    goods = [wrap(template, case.case.good) for case in cases]
    batch = make_batch(prompts, goods, {"risk": [case.case.risk for case in cases]}, reward)
    verdicts = safety.verdicts(batch, reward.params)
    return [
        replace(case, unsafe="" if verdict.safe else verdict.rule)
        for case, verdict in zip(cases, verdicts, strict=True)
    ]
