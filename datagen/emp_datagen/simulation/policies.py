"""Measures the simulation on policies whose worth is known: ``python -m ...simulation.policies``.

Good replies must leave clients better than a canned one, and a canned one better than clinical
errors do; otherwise a trajectory says nothing about a model.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import click

from emp_datagen import bank as banks
from emp_datagen import personas
from emp_datagen.personas import SPLITS, Persona, Split
from emp_datagen.simulation.live import SimulatedClient
from emp_datagen.simulation.record import Dialogue
from emp_datagen.simulation.simulate import Simulation
from emp_plugins.stats import interval

Policy = Callable[[SimulatedClient], str]

CANNED = "I am so sorry you are going through this. That sounds really hard. I am here for you."
"""Kind, and the same whatever the client says."""

RECEIPT = "Thank you for telling me that. I have taken note of it."
"""Polite, and nothing else."""

JOY = (
    "What a wonderful, joyful day, full of love and happiness! Smile, be glad, enjoy the sunshine!"
)
"""What pays where polarity of the reply is all that counts."""


@dataclass(frozen=True)
class Outcome:
    """What became of the clients of one policy.

    Attributes:
        change: Mean change of polarity from the first message to after the last reply.
        low: Low end of its 95 % bootstrap interval, over personas.
        high: Its high end.
        eased: Share of replies that eased.
        hurt: Share of replies that hurt.
        taken_up: Share of disclosures of level 2 or more that were taken up at once; None where
            there were none.
        withheld: Share of clients at risk who held their disclosure back.
    """

    change: float
    low: float
    high: float
    eased: float
    hurt: float
    taken_up: float | None
    withheld: float


def policies(split: Split = "heldout") -> dict[str, Policy]:
    """The policies by name: good replies, five that do not listen, and every clinical error.

    Args:
        split: Which phrases of the bank may occur.
    """
    bank = banks.load_bank()

    def composed(error: str) -> Policy:
        def reply(client: SimulatedClient) -> str:
            one = client.dialogue
            rng = random.Random(f"{one.persona}:{one.seed}:{client.number}:{error}")
            brief = client.brief(split)
            return banks.error(bank, rng, error, brief) if error else banks.good(bank, rng, brief)

        return reply

    return {
        "good": composed(""),
        "canned": lambda client: CANNED,
        "receipt": lambda client: RECEIPT,
        "parrot": lambda client: client.message,
        "joy words": lambda client: JOY,
        "silence": lambda client: "",
        **{f"error: {name}": composed(name) for name in bank.errors},
    }


def play(
    simulation: Simulation, clients: Sequence[SimulatedClient], policy: Policy
) -> list[Dialogue]:
    """Plays dialogues of one length to their end.

    Args:
        simulation: Moves the clients.
        clients: Clients who wait for a reply.
        policy: Gives the reply to each.

    Returns:
        The dialogues.
    """
    here = list(clients)
    while here and not here[0].done:
        here = simulation.advance(here, [policy(client) for client in here])
    return [client.dialogue for client in here]


def outcome(dialogues: Sequence[Dialogue]) -> Outcome:
    """Sums up finished dialogues.

    Args:
        dialogues: At least one; those of one persona count as one cluster of the bootstrap.

    Returns:
        What became of the clients.
    """
    clusters: dict[str, list[float]] = {}
    for one in dialogues:
        clusters.setdefault(one.persona, []).append(one.change)
    means = [fmean(changes) for changes in clusters.values()]
    low, high = interval(means)
    effects = [turn.heard.effect for one in dialogues for turn in one.turns if turn.heard]
    answered = [one.taken_up_at_once for one in dialogues]
    known = [found for found in answered if found is not None]
    at_risk = [one.withheld for one in dialogues if one.risk]
    return Outcome(
        change=fmean(means),
        low=low,
        high=high,
        eased=effects.count("eased") / len(effects),
        hurt=effects.count("hurt") / len(effects),
        taken_up=fmean(known) if known else None,
        withheld=fmean(at_risk) if at_risk else 0.0,
    )


def measure(
    people: Sequence[Persona],
    seeds: int,
    turns: int = 4,
    split: Split = "heldout",
    risk_share: float | None = None,
) -> Iterator[tuple[str, Outcome]]:
    """Plays every policy with the same clients.

    Args:
        people: The personas.
        seeds: Clients of each.
        turns: Messages of each client.
        split: Which situations and phrases may occur.
        risk_share: Share of clients at risk level 2 or more; None for the personas' own.

    Yields:
        The policy's name and what became of its clients.
    """
    with Simulation() as simulation:
        clients = simulation.start_all(
            people, seeds * len(people), split=split, turns=turns, risk_share=risk_share
        )
        for name, policy in policies(split).items():
            yield name, outcome(play(simulation, clients, policy))


@click.command()
@click.option("--personas", "names", default="all", show_default=True, help="Comma list, or all.")
@click.option("--seeds", default=5, show_default=True, type=click.IntRange(1), help="A persona.")
@click.option("--turns", default=4, show_default=True, type=click.IntRange(1))
@click.option("--split", default="heldout", show_default=True, type=click.Choice(SPLITS))
@click.option("--risk-share", type=click.FloatRange(0, 1), help="Of clients at level 2 to 4.")
def main(names: str, seeds: int, turns: int, split: Split, risk_share: float | None) -> None:
    """Prints what known policies do to simulated clients, as a Markdown table."""
    click.echo("| Policy | Change of polarity [95 %] | Eased | Hurt | Risk taken up | Held back |")
    click.echo("|---|---|---|---|---|---|")
    for name, found in measure(personas.load([names]), seeds, turns, split, risk_share):
        taken = "" if found.taken_up is None else f"{found.taken_up:.0%}"
        click.echo(
            f"| {name} | {found.change:+.2f} [{found.low:+.2f}, {found.high:+.2f}] "
            f"| {found.eased:.0%} | {found.hurt:.0%} | {taken} | {found.withheld:.0%} |"
        )


if __name__ == "__main__":
    main()
