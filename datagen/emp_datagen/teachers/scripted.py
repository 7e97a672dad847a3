"""The scripted teacher: replies from the phrase bank, the same ones for the same instruction.

This module imports distilabel, because its class derives from distilabel's; get the teacher with
`emp_datagen.teachers.load`, which keeps distilabel's traceback hook out.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from distilabel.models.llms.base import LLM
from distilabel.models.llms.utils import prepare_output

from emp_datagen import bank as banks
from emp_datagen.bank import Brief
from emp_datagen.teachers.order import Order
from emp_plugins.errors import InputError, did_you_mean

NEEDED = ("role", "target", "topic", "risk", "error", "style", "seed")
"""What an instruction must hold: a JSON object in the last system message."""

_BRIEF = tuple(Brief.__dataclass_fields__)


class ScriptedTeacher(LLM):
    """A distilabel LLM that composes replies from the phrase bank.

    Each input is a list of chat messages. Its last system message is a JSON object with the fields
    of `Order`: ``error`` names the clinical error to make, or is empty for a good reply; ``seed``
    fixes the choices. Nothing else is read, so a reply depends on its own instruction alone. As
    the client it says what the persona's grammar drew for it.

    Attributes:
        bank: Folder of the phrase bank.
    """

    bank: str = str(banks.SHIPPED)

    @property
    def model_name(self) -> str:
        """The name that distilabel shows."""
        return "scripted"

    def generate(self, inputs: list[Any], num_generations: int = 1) -> list[dict[str, Any]]:
        """Writes replies.

        Args:
            inputs: Lists of chat messages.
            num_generations: Replies for each input.

        Returns:
            For each input ``{"generations": [...], "statistics": {...}}``.
        """
        bank = banks.load_bank(Path(self.bank))
        outputs = []
        for messages in inputs:
            order = read_instruction(messages)
            texts = [_reply(bank, order, number) for number in range(num_generations)]
            asked = [sum(m["content"].count(" ") + 1 for m in messages)] * num_generations
            given = [text.count(" ") + 1 for text in texts]
            outputs.append(prepare_output(texts, input_tokens=asked, output_tokens=given))
        return outputs


def write_instruction(order: Order) -> list[dict[str, str]]:
    """The chat messages that ask the scripted teacher for one text.

    Args:
        order: What is asked for.

    Returns:
        The conversation after a system message that holds the order.
    """
    system = json.dumps(order.to_row(), ensure_ascii=False)
    history = order.messages or ({"role": "user", "content": order.draft},)
    return [{"role": "system", "content": system}, *history]


def read_instruction(messages: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Reads what ``write_instruction`` wrote.

    Args:
        messages: Chat messages.

    Returns:
        The instruction.

    Raises:
        InputError: No system message, no JSON in it, or a key is missing.
    """
    systems = [message["content"] for message in messages if message["role"] == "system"]
    try:
        order = json.loads(systems[-1])
    except (IndexError, TypeError, ValueError):
        raise InputError("scripted teacher: the last system message must be JSON") from None
    missing = [key for key in NEEDED if key not in order] if isinstance(order, dict) else NEEDED
    if missing:
        raise InputError(f"scripted teacher: the instruction lacks {', '.join(missing)}")
    return order


def _reply(bank: banks.Bank, order: Mapping[str, Any], number: int) -> str:
    role, error = order["role"], order["error"]
    if role == "client":
        return order["draft"]
    if role == "critique":
        entry = bank.errors.get(error)
        return f"{entry.definition} {entry.harm}" if entry else "No clinical error was named."
    style = order.get("therapist", "")
    rng = random.Random(f"{order['seed']}:{order.get('turn', 1)}:{error}:{style}:{role}:{number}")
    brief = Brief(**{name: order[name] for name in _BRIEF if name in order})
    if not error or role == "revise":
        return banks.good(bank, rng, brief)
    if error not in bank.errors:
        raise InputError(
            f"error {error!r}: no such clinical error; {did_you_mean(error, bank.errors)}"
        )
    return banks.error(bank, rng, error, brief)
