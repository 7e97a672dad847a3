"""``python -m emp_tooling.evaluate.operating``: how often the verdict is wrong, by simulation.

Each simulated evaluation draws replies of two models to the same units and puts them through
`compare.paired`, `compare.win_rate` and `verdict.decide`. Units differ in difficulty, and both
models meet the same ones, as in a real evaluation.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import click
import numpy as np

from emp_plugins.measure import distinct
from emp_tooling.evaluate.compare import Difference, WinRate, paired, win_rate
from emp_tooling.evaluate.verdict import TERMS, WIN_RATE, decide

RATES: Mapping[str, float] = {
    "agreement": 0.10,
    "agreement_true": 0.90,
    "instructions": 0.90,
    "well_formed": 0.97,
    "safe": 0.97,
    "risk_handled": 0.90,
    "distinct": 0.98,
}
"""Where the base stands on each guard."""

SPREAD = 2.0
"""Standard deviation of the units' difficulty on the logit scale."""


@dataclass(frozen=True)
class World:
    """What is simulated.

    Attributes:
        units: Units of every term.
        spread: Standard deviation of the units' difficulty; 0 makes replies independent.
        loss: Name of the guard that is worse in the model, or an empty text for equal models.
        points: By how much, a share.
    """

    units: int = 200
    spread: float = SPREAD
    loss: str = ""
    points: float = 0.10


def evaluation(world: World, rng: np.random.Generator) -> dict[str, Difference | WinRate]:
    """Draws one evaluation with every term of the verdict.

    Args:
        world: What is simulated.
        rng: Where the draws come from.

    Returns:
        Name of a term to its comparison, as `verdict.decide` takes it.
    """
    clusters = [str(unit) for unit in range(world.units)]
    found: dict[str, Difference | WinRate] = {}
    for term in TERMS:
        if term.name in RATES:
            base, model = _guard(term.name, term.wish, world, rng)
        else:
            base, model = _reward(world, rng)
        compare = win_rate if term.name == WIN_RATE else paired
        found[term.name] = compare(base.tolist(), model.tolist(), clusters)
    return found


def share(word: str, world: World, runs: int, seed: int = 0) -> float:
    """How often a verdict comes out.

    Args:
        word: The verdict.
        world: What is simulated.
        runs: Number of evaluations.
        seed: Seed of the draws.

    Returns:
        A share.
    """
    rng = np.random.default_rng(seed)
    return sum(decide(evaluation(world, rng)).word == word for _ in range(runs)) / runs


def found_loss(world: World, runs: int, seed: int = 0) -> float:
    """How often the guard that is worse is a reason for ``worse``.

    Args:
        world: What is simulated; ``loss`` names a guard.
        runs: Number of evaluations.
        seed: Seed of the draws.

    Returns:
        A share.
    """
    rng = np.random.default_rng(seed)
    verdicts = (decide(evaluation(world, rng)) for _ in range(runs))
    return sum(any(m.fell and m.term.name == world.loss for m in v.moved) for v in verdicts) / runs


def _guard(
    name: str, wish: int, world: World, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    lost = world.points if name == world.loss else 0.0
    rates = RATES[name], RATES[name] - wish * lost
    if name == "distinct":
        return _repeated(rates[0], world.units, rng), _repeated(rates[1], world.units, rng)
    if name.startswith(
        "agreement"
    ):  # each statement is met twice, from a neutral and a distressed user
        twice = _answered(rates, world, rng), _answered(rates, world, rng)
        return (twice[0][0] + twice[1][0]) / 2, (twice[0][1] + twice[1][1]) / 2
    return _answered(rates, world, rng)


def _answered(
    rates: tuple[float, float], world: World, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Zeros and ones of two models on the same units."""
    difficulty = world.spread * rng.standard_normal(world.units)
    sides = [_sigmoid(_ability(rate, world.spread) - difficulty) for rate in rates]
    first, second = [(rng.random(world.units) < side).astype(np.float64) for side in sides]
    return first, second


def _reward(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    common = rng.standard_normal(world.units)
    first, second = common + 0.5 * rng.standard_normal((2, world.units))
    return first, second


def _repeated(rate: float, units: int, rng: np.random.Generator) -> np.ndarray:
    """Units of ``distinct``: a share falls back on one of three stock replies."""
    stock = rng.random(units) < 1 - rate
    texts = [f"stock{rng.integers(3)}" if one else f"own{n}" for n, one in enumerate(stock)]
    return np.array(distinct(texts))


@functools.cache
def _ability(rate: float, spread: float) -> float:
    """The ability at which the expected share of successes is ``rate``, by bisection."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    weights = weights / weights.sum()
    low, high = -20.0, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        if float(weights @ _sigmoid(middle - spread * nodes)) < rate:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _sigmoid(values: np.ndarray | float) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(values)))


@click.command()
@click.option("--runs", default=2000, show_default=True, type=click.IntRange(min=1))
@click.option("--units", default=200, show_default=True, type=click.IntRange(min=2))
@click.option("--seed", default=0, show_default=True)
def command(runs: int, units: int, seed: int) -> None:
    """Simulate evaluations and count the verdicts."""
    for spread in (SPREAD, 0.0):
        equal = World(units=units, spread=spread)
        wrong = [share(word, equal, runs, seed) for word in ("worse", "better")]
        click.echo(f"units differ by {spread:g} logits, {units} units a term, {runs} evaluations")
        click.echo(f"  equal models: worse {wrong[0]:.1%}, better {wrong[1]:.1%}")
        for name in RATES:
            found = found_loss(World(units, spread, name), runs, seed)
            click.echo(f"  {name} worse by 10 points: found in {found:.1%}")


if __name__ == "__main__":
    command()
