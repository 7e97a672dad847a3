"""Two models' numbers side by side, and the verdict on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emp_plugins.measure import Figure
from emp_tooling.evaluate.answers import Measures
from emp_tooling.evaluate.compare import Difference, WinRate, win_rate
from emp_tooling.evaluate.tables import Table, differences, joined
from emp_tooling.evaluate.verdict import WIN_RATE, Verdict, decide

POOLED = ("well_formed", "safe", "risk_handled")
"""Guards that are measured on held-out prompts and in dialogues alike."""

FROM = {
    "distinct": "single",
    "polarity_change": "dialogue",
    "agreement": "agreement",
    "agreement_true": "agreement",
    "instructions": "instructions",
}
"""Table of each other term of the verdict, but for the win rate and acknowledgement."""

PREFIX = {"dialogue": "dialogue/"}
"""What stands before the measures of a table, where they have the names of another's."""


@dataclass(frozen=True)
class Judged:
    """An evaluation's numbers.

    Attributes:
        model: The trained model's.
        base: The base's; None where nothing was compared.
        differences: Measure to how far both lie apart; those of dialogues begin with
            ``dialogue/``.
        win_rate: On held-out prompts, by the weighted total of the rewards; or None.
        verdict: Better, worse or no difference.
    """

    model: Measures
    base: Measures | None
    differences: Mapping[str, Difference]
    win_rate: WinRate | None
    verdict: Verdict


def judge(model: Measures, base: Measures | None, seed: int = 0) -> Judged:
    """Compares two models.

    Args:
        model: The trained one.
        base: The other, over the same units; None to measure the first alone.
        seed: Seed of the resampling.

    Returns:
        Differences and verdict.
    """
    if base is None:
        return Judged(model, None, {}, None, decide({}))
    found: dict[str, Difference] = {}
    for name, own in model.tables.items():
        apart = differences(base.tables[name], own, seed)
        found |= {f"{PREFIX.get(name, '')}{measure}": one for measure, one in apart.items()}
    won = _win_rate(base, model, seed)
    return Judged(model, base, found, won, decide(_terms(base, model, found, won, seed)))


def figures(measures: Measures, seed: int = 0, beside: Measures | None = None) -> dict[str, Figure]:
    """Every measure of a model with its interval, named as in the differences.

    Args:
        measures: The model's.
        seed: Seed of the bootstrap.
        beside: Another model's, to look only at the units that have a number on both sides.
    """
    return {
        f"{PREFIX.get(part, '')}{name}": figure
        for part, table in measures.tables.items()
        for name, figure in table.figures(seed, beside.tables[part] if beside else None).items()
    }


def _win_rate(base: Measures, model: Measures, seed: int) -> WinRate | None:
    if "single" not in model.tables:
        return None
    one, other = base.tables["single"], model.tables["single"]
    return win_rate(one.column("reward_total"), other.column("reward_total"), other.clusters, seed)


def _terms(
    base: Measures,
    model: Measures,
    found: Mapping[str, Difference],
    won: WinRate | None,
    seed: int,
) -> dict[str, Difference | WinRate]:
    terms: dict[str, Difference | WinRate] = {WIN_RATE: won} if won else {}
    sources = {**FROM, "acknowledgement": "single" if "single" in model.tables else "dialogue"}
    for name, part in sources.items():
        one = found.get(f"{PREFIX.get(part, '')}{name}")
        if one is not None:
            terms[name] = one
    pooled = [part for part in ("single", "dialogue") if part in model.tables]
    if pooled:
        terms |= differences(_joined(base, pooled), _joined(model, pooled), seed)
    return terms


def _joined(measures: Measures, parts: list[str]) -> Table:
    return joined([measures.tables[part] for part in parts], POOLED)
