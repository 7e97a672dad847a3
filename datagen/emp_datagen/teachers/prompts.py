"""The prompts of teachers that are language models: templates in files, filled for each order.

The templates are the `*.md` files in ``prompts/`` beside this module, in the notation of
`string.Template`; ``$$`` writes a dollar sign. `NAMES` lists what may stand in them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from emp_datagen import bank as banks
from emp_datagen import personas
from emp_datagen.bank import Bank
from emp_datagen.personas import Persona
from emp_datagen.teachers import words
from emp_datagen.teachers.agent import Messages
from emp_datagen.teachers.order import Order
from emp_plugins.affect.state import render
from emp_plugins.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from emp_datagen.teachers import Settings

SHIPPED = Path(__file__).parent / "prompts"
"""The folder of the templates that come with the package."""

TEMPLATES = ("client", "therapist", "error", "critique", "revise")
"""One for each role, and ``error`` for a therapist who makes a clinical error."""

NAMES: Mapping[str, str] = {
    "title": "name of the disorder",
    "diagnosis": "its abbreviation",
    "severity": "its degree",
    "person": "age, gender, occupation and home in one phrase",
    "age": "in years",
    "gender": "as the persona has it",
    "occupation": "as the persona has it",
    "home": "as the persona has it",
    "communication": "how the client talks",
    "goals": "what the client hopes for",
    "triggers": "what sets the client off",
    "helps": "what helps the client",
    "backfires": "what makes it worse",
    "topic": "what it is about, as a noun phrase",
    "state": "the four affect axes in words",
    "trend": "which way the last turns went",
    "target": "the axis in deficit in words",
    "strategies": "what the reply is made of, one line each",
    "style": "how the therapist speaks",
    "question": "what the client asks about the disorder and the answer, or nothing",
    "error": "name of the clinical error, or nothing",
    "definition": "what the error is",
    "harm": "why it harms",
    "instruction": "how it is made",
    "flaw": "the error in the reply under critique, or that none is named",
    "risk": "the risk level and its meaning",
    "protocol": "what a reply must do at this level",
    "disclosure": "what the client's message does with the risk",
    "draft": "what the client must convey, or the reply under critique or revision",
    "critique": "what is wrong with the reply",
    "words": "how long the reply should be",
}
"""Every name that a template may use, and what it stands for."""

_BEGIN = "The session begins. Say what brings you here today."
_ASKED = {
    "critique": "[Supervision] What does this last reply do to the client?",
    "revise": "[Supervision] Write the reply to the client's last message anew.",
}
_FLIPPED = {"user": "assistant", "assistant": "user"}
_GAPS = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Prompts:
    """Writes what a language model reads for an order.

    Attributes:
        templates: Name to template.
        bank: Strategies, styles and clinical errors.
        personas: Name to persona file; read when first asked for.
    """

    templates: Mapping[str, Template]
    bank: Bank
    personas: Mapping[str, Path]
    _read: dict[str, Persona] = field(default_factory=dict, repr=False)

    def write(self, order: Order) -> Messages:
        """The chat messages that ask for one text.

        Args:
            order: What is asked for.

        Returns:
            A system message, then user and assistant in turns, a user message last. For the
            client the roles are flipped: what the client said is the assistant's. For the others
            the client's last message stands under its state header.

        Raises:
            InputError: The persona, the error or the style is unknown.
        """
        name = "error" if order.role == "therapist" and order.error else order.role
        text = self.templates[name].substitute(self._facts(order))
        system = {"role": "system", "content": _GAPS.sub("\n\n", text).strip()}
        return [system, *(_as_client(order) if name == "client" else _as_therapist(order))]

    def _facts(self, order: Order) -> dict[str, str]:
        user, persona = order.state.user, self._persona(order.persona)
        known = {key: user.get(key, words.UNKNOWN) for key in ("age", "gender", "occupation")}
        return {
            **known,
            "home": user.get("home", words.UNKNOWN),
            "title": persona.title,
            "diagnosis": user.get("diagnosis", persona.diagnosis),
            "severity": user.get("severity", "severity not known"),
            "person": words.person(user),
            "communication": words.style(order.style),
            "goals": words.listed(persona.goals),
            "triggers": words.listed(persona.triggers),
            "helps": words.listed(persona.helps),
            "backfires": words.listed(persona.backfires),
            "topic": order.topic,
            "state": words.affect(order.state),
            "trend": words.trend(order.state),
            "target": words.target(order.target),
            "risk": words.risk(order.risk),
            "protocol": words.protocol(order.risk),
            "disclosure": words.disclosure(order.risk),
            "draft": order.draft,
            "critique": order.critique,
            "words": words.length(order.words),
            **self._of_bank(order),
        }

    def _of_bank(self, order: Order) -> dict[str, str]:
        bank = self.bank
        _check("error", order.error, bank.errors)
        _check("style", order.therapist, bank.styles)
        entry = bank.errors.get(order.error)
        name = order.error.replace("_", " ")
        flaw = "No clinical error is named. Say what in it serves this client least, and why."
        if entry:
            flaw = f"It makes a known clinical error, {name}: {entry.definition} {entry.harm}"
        style = bank.styles.get(order.therapist)
        return {
            "strategies": _strategies(bank, order),
            "style": style.instruction if style else "You speak warmly, plainly and unhurried.",
            "question": _question(order),
            "error": name,
            "definition": entry.definition if entry else "",
            "harm": entry.harm if entry else "",
            "instruction": entry.instruction if entry else "",
            "flaw": flaw,
        }

    def _persona(self, key: str) -> Persona:
        if key not in self._read:
            _check("persona", key, self.personas)
            self._read[key] = personas.load_persona(self.personas[key])
        return self._read[key]


def load(settings: Settings) -> Prompts:
    """Reads the templates, the user's before the package's.

    Args:
        settings: Names the user's folders.

    Returns:
        The prompts.

    Raises:
        InputError: A folder or a template cannot be used; names the file, the line and the name.

    Example:
        >>> from emp_datagen.teachers import Settings
        >>> sorted(load(Settings()).templates)
        ['client', 'critique', 'error', 'revise', 'therapist']
    """
    own = settings.prompts
    if own is not None and not any((Path(own) / f"{name}.md").is_file() for name in TEMPLATES):
        files = ", ".join(f"{name}.md" for name in TEMPLATES)
        raise InputError(f"{own}: no prompt templates in this folder; it may hold {files}")
    folders = [Path(own), SHIPPED] if own is not None else [SHIPPED]
    templates = {}
    for name in TEMPLATES:
        files = (folder / f"{name}.md" for folder in folders)
        templates[name] = _template(next(file for file in files if file.is_file()))
    return Prompts(templates, banks.load_bank(settings.bank), personas.find(settings.personas))


def _template(path: Path) -> Template:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
    if not text.strip():
        raise InputError(f"{path}: the template is empty")
    for found in Template.pattern.finditer(text):
        place = f"{path}:{text.count(chr(10), 0, found.start()) + 1}"
        if found["invalid"] is not None:
            raise InputError(f"{place}: a $ without a name; write $$ for a dollar sign")
        name = found["named"] or found["braced"]
        if name and name not in NAMES:
            raise InputError(f"{place}: ${name}: no such name; {did_you_mean(name, NAMES)}")
    return Template(text)


def _check(what: str, name: str, known: Mapping[str, object]) -> None:
    if name and name not in known:
        raise InputError(f"{what}: {name!r}: no such {what}; {did_you_mean(name, known)}")


def _strategies(bank: Bank, order: Order) -> str:
    moves = bank.moves(order.risk, bool(order.fact), order.target, order.therapist)
    # Drawn for the row, so that replies differ in build although every prompt names one only.
    move = random.Random(f"{order.seed}:{order.turn}:{order.therapist}:move").choice(moves)
    lines = [f"- {name.replace('_', ' ')}: {bank.strategies[name].instruction}" for name in move]
    return "\n".join(lines)


def _question(order: Order) -> str:
    if not order.fact:
        return ""
    return (
        f"The client asks about the condition. What is known, to put in plain words: {order.fact}"
    )


def _as_client(order: Order) -> Messages:
    """The client's side; it begins with a user message, as many chat templates ask for."""
    said = ({"role": _FLIPPED[m["role"]], "content": m["content"]} for m in order.messages)
    return [{"role": "user", "content": _BEGIN}, *said]


def _as_therapist(order: Order) -> Messages:
    messages = [dict(message) for message in order.messages]
    for message in reversed(messages):
        if message["role"] == "user":
            message["content"] = render(order.state, message["content"])
            break
    if order.role in _ASKED:
        messages.append({"role": "assistant", "content": order.draft})
        messages.append({"role": "user", "content": _ASKED[order.role]})
    return messages
