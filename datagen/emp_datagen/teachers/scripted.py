"""The scripted teacher: replies from the phrase bank, the same ones for the same instruction.

This module imports distilabel, because its class derives from distilabel's; get the teacher with
`emp_datagen.teachers.load`, which keeps distilabel's traceback hook out.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from distilabel.models.llms.base import LLM
from distilabel.models.llms.utils import prepare_output

from emp_datagen.bank import load_bank
from emp_plugins.errors import InputError, did_you_mean

KEYS = ("persona", "state", "target", "topic", "risk", "error", "style", "seed")
"""What an instruction holds: a JSON object in the last system message."""


class ScriptedTeacher(LLM):
    """A distilabel LLM that composes replies from the phrase bank.

    Each input is a list of chat messages. Its last system message is a JSON object with ``KEYS``:
    ``error`` names the clinical error to make, or is null for a good reply; ``seed`` fixes the
    choices. Nothing else is read, so a reply depends on its own instruction alone.
    """

    @property
    def model_name(self) -> str:
        """The name that distilabel shows."""
        return "scripted"

    def generate(
        self, inputs: list[Any], num_generations: int = 1, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Writes replies.

        Args:
            inputs: Lists of chat messages.
            num_generations: Replies for each input.
            **kwargs: Sampling settings, which have no meaning here.

        Returns:
            For each input ``{"generations": [...], "statistics": {...}}``.
        """
        outputs = []
        for messages in inputs:
            order = read_instruction(messages)
            texts = [_reply(order, number) for number in range(num_generations)]
            words = [len(text.split()) for text in texts]
            asked = [sum(len(str(m["content"]).split()) for m in messages)] * num_generations
            outputs.append(prepare_output(texts, input_tokens=asked, output_tokens=words))
        return outputs


def write_instruction(order: Mapping[str, Any], prompt: str) -> list[dict[str, str]]:
    """The chat messages that ask a teacher for one reply.

    Args:
        order: A value for each of ``KEYS``.
        prompt: What the client says, with the state header.

    Returns:
        A system and a user message.
    """
    system = json.dumps({key: order[key] for key in KEYS}, ensure_ascii=False)
    return [{"role": "system", "content": system}, {"role": "user", "content": prompt}]


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
    missing = [key for key in KEYS if key not in order] if isinstance(order, dict) else KEYS
    if missing:
        raise InputError(f"scripted teacher: the instruction lacks {', '.join(missing)}")
    return order


def _reply(order: Mapping[str, Any], number: int) -> str:
    bank, error = load_bank(), order["error"]
    rng = random.Random(f"{order['seed']}:{error}:{number}")
    if error is None:
        return bank.good(rng, order["target"], order["topic"], order["risk"], order["style"])
    if error not in bank.errors:
        raise InputError(
            f"error {error!r}: no such clinical error; {did_you_mean(error, bank.errors)}"
        )
    return bank.error(rng, error, order["target"], order["topic"], order["style"])
