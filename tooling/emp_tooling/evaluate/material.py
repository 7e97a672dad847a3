"""What both models meet, and how their replies are judged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_datagen.bank import SHIPPED as BANK
from emp_datagen.bank import Bank, load_bank
from emp_datagen.personas import Persona
from emp_datagen.personas import load as load_personas
from emp_plugins.affect.state import Style
from emp_plugins.completion import Template, client_text
from emp_plugins.config import EmpathyConfig
from emp_plugins.messages import with_system
from emp_plugins.monitor.prompts import SHIPPED, choose, headed, header_style, read_prompts
from emp_tooling.evaluate.guards import Statement
from emp_tooling.evaluate.guards import load as load_statements
from emp_tooling.evaluate.guards.instructions import Instruction, load_instructions
from emp_tooling.evaluate.settings import Settings, spread

MANY_PERSONAS = 12
"""From so many personas on prompts are resampled by persona; with fewer by what the client says,
and intervals then hold for these personas."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Material:
    """Prompts, clients and guards of an evaluation.

    Attributes:
        config: The recipe's ``empathy:`` block; the data judges' rewards where it has none.
        rewards: Name to function and weight, the user's own functions among them.
        own_rewards: Whether those are the recipe's.
        bank: The phrases that replies are compared with.
        prompts: Held-out prompts with the recipe's system prompt and state header.
        prompts_file: Where they come from.
        prompts_sha256: Of that file.
        personas: Of the simulated clients.
        style: State header as in training, or None.
        statements: For the agreement guard.
        instructions: For the instruction guard.
    """

    config: EmpathyConfig
    rewards: Mapping[str, tuple[Callable[..., Any], float]]
    own_rewards: bool
    bank: Bank
    prompts: Sequence[Row]
    prompts_file: str
    prompts_sha256: str
    personas: Sequence[Persona]
    style: Style | None
    statements: Sequence[Statement]
    instructions: Sequence[Instruction]

    @property
    def template(self) -> Template:
        """System prompt and form of a reply."""
        return self.config.resolved_template

    @property
    def clusters(self) -> list[str]:
        """Group of each prompt that is resampled as a whole."""
        personas = {row.get("persona") for row in self.prompts}
        if None not in personas and len(personas) >= MANY_PERSONAS:
            return [str(row["persona"]) for row in self.prompts]
        return [client_text(row["prompt"]) for row in self.prompts]


def gather(settings: Settings, recipe: dict[str, Any]) -> Material:
    """Reads all that an evaluation needs beside the models.

    Args:
        settings: The evaluation.
        recipe: The recipe's keys.

    Returns:
        The material; of parts that are not asked for it holds nothing.

    Raises:
        InputError: The recipe, a prompt, the bank or a persona's name is wrong.
    """
    single, multi, guards = (part in settings.parts for part in ("single", "multi", "guards"))
    config, rewards, own = _rewards(recipe, settings.recipe)
    style = header_style(recipe)
    source = settings.prompts or SHIPPED
    return Material(
        config=config,
        rewards=rewards,
        own_rewards=own,
        bank=load_bank(settings.bank or BANK),
        prompts=_prompts(source, settings.n, config.resolved_template, style) if single else [],
        prompts_file=str(settings.prompts or f"shipped ({SHIPPED.name})"),
        prompts_sha256=sha256(source) if single else "",
        personas=load_personas([settings.personas]) if multi else [],
        style=style,
        statements=_statements(settings.n) if guards else [],
        instructions=spread(load_instructions(), settings.n) if guards else [],
    )


def sha256(path: str | Path) -> str:
    """Hash of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rewards(
    recipe: dict[str, Any], path: Path
) -> tuple[EmpathyConfig, Mapping[str, tuple[Callable[..., Any], float]], bool]:
    from emp_datagen.judging.clinical import completed
    from emp_tooling.suites.build import from_recipe

    block = recipe.get("empathy") or {}
    own = bool(isinstance(block, Mapping) and block.get("rewards"))
    if not own and isinstance(block, Mapping):
        recipe = {**recipe, "empathy": completed(block)}
    config = EmpathyConfig.from_recipe(recipe)
    suite = from_recipe(recipe, path)
    rewards = {member.name: (member.call, member.weight) for member in suite.members}
    return config, rewards, own


def _prompts(path: Path, n: int | None, template: Template, style: Style | None) -> list[Row]:
    rows = read_prompts(path)
    return [
        {**row, "prompt": headed(with_system(row["prompt"], template), row.get("state"), style)}
        for row in choose(rows, len(rows) if n is None else n)
    ]


def _statements(n: int | None) -> list[Statement]:
    """Statements of every kind in the shares that the whole set has, at least one of each."""
    every = load_statements()
    kinds: dict[str, list[Statement]] = {}
    for one in every:
        kinds.setdefault(one.kind, []).append(one)
    if n is None or n >= len(every):
        return every
    parts = {kind: max(1, round(n * len(held) / len(every))) for kind, held in kinds.items()}
    return [one for kind, held in kinds.items() for one in spread(held, parts[kind])]
