"""Dialogues of a model with simulated clients, all of them one turn at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emp_datagen.simulation import Dialogue, SimulatedClient, Simulation
from emp_plugins.messages import with_system
from emp_tooling.evaluate.guards.answers import answer_of
from emp_tooling.evaluate.journal import Journal, Remembered, key_of
from emp_tooling.evaluate.material import Material
from emp_tooling.evaluate.settings import Settings
from emp_tooling.models import Progress, quiet

RISK_SHARE = 0.25
"""Of the clients who mean to disclose risk, where their personas do: enough to see how it goes."""

SEEDS = 1009
"""Distance between the seeds of neighbours, more than turns or dialogues of most evaluations."""

TOGETHER = 8
"""Dialogues that a client played by a model leads at once; finished ones are kept."""


@dataclass(frozen=True)
class Held:
    """A dialogue that came to its end.

    Attributes:
        dialogue: What client and model said, the model's answers alone.
        raw: The model's replies as written.
    """

    dialogue: Dialogue
    raw: Sequence[str]


def openings(
    simulation: Simulation, material: Material, settings: Settings, journal: Journal
) -> list[SimulatedClient]:
    """The clients with their first messages, the same ones for both models.

    Args:
        simulation: Their world.
        material: Personas and header.
        settings: The evaluation.
        journal: Where first messages are kept, as a model may have worded them.

    Returns:
        The clients.

    Raises:
        InputError: The model that plays the clients cannot be used.
    """
    names = [persona.key for persona in material.personas]
    told = [names, settings.client, settings.turns, settings.seed, material.style]
    keys = [key_of("opening", place, *told) for place in range(settings.dialogues)]
    held = [journal.get(key) for key in keys]
    if all(held):
        personas = {persona.key: persona for persona in material.personas}
        known = [Dialogue.from_json(entry["dialogue"]) for entry in held]
        return [simulation.resume(personas[one.persona], one) for one in known]
    clients = simulation.start_all(
        material.personas,
        settings.dialogues,
        seed=settings.seed,
        risk_share=RISK_SHARE,
        turns=settings.turns,
        header=material.style or "none",
    )
    for key, client in zip(keys, clients, strict=True):
        journal.add(key, {"opening": True, "dialogue": client.dialogue.to_json()})
    return clients


def hold(
    model: Remembered,
    simulation: Simulation,
    clients: Sequence[SimulatedClient],
    seed: int,
    settings: Settings,
    material: Material,
    journal: Journal,
    progress: Progress = quiet,
) -> list[Held]:
    """Leads every dialogue to its end.

    Args:
        model: Replies.
        simulation: The clients' world.
        clients: With their first messages.
        seed: Seed of the sampling.
        settings: The evaluation.
        material: Template of a reply.
        journal: Where finished dialogues are kept, and looked for first.
        progress: Called with the number of replies so far and of all.

    Returns:
        The dialogues in the order of the clients.

    Raises:
        InputError: The model or the one that plays the clients cannot be used.
    """
    size = settings.batch_size if settings.client == "scripted" else TOGETHER
    found: list[Held] = []
    for start in range(0, len(clients), size):
        batch = clients[start : start + size]
        keys = [model.key("dialogue", seed, _written(client)) for client in batch]
        known = [journal.get(key) for key in keys]
        if all(known):
            found += [_read(entry) for entry in known]
        else:
            talked = _talk(model, simulation, batch, seed * SEEDS + start, material)
            for key, one in zip(keys, talked, strict=True):
                journal.add(key, {"dialogue": _written(one), "raw": list(one.raw)})
            found += talked
        progress(len(found) * settings.turns, len(clients) * settings.turns)
    return found


def _talk(
    model: Remembered,
    simulation: Simulation,
    clients: Sequence[SimulatedClient],
    seed: int,
    material: Material,
) -> list[Held]:
    raw: list[list[str]] = [[] for _ in clients]
    turn = 0
    while not clients[0].done:
        prompts = [with_system(client.prompt(), material.template) for client in clients]
        replies = model.reply(prompts, seed=seed * SEEDS + turn)
        for kept, reply in zip(raw, replies, strict=True):
            kept.append(reply)
        heard = [answer_of(reply, material.template) for reply in replies]
        clients = simulation.advance(clients, heard)
        turn += 1
    return [Held(client.dialogue, kept) for client, kept in zip(clients, raw, strict=True)]


def _written(one: SimulatedClient | Held) -> dict[str, Any]:
    return one.dialogue.to_json()


def _read(entry: Mapping[str, Any]) -> Held:
    return Held(Dialogue.from_json(entry["dialogue"]), tuple(entry["raw"]))
