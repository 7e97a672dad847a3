"""A conversation as tokens, and which of them are trained, as ``type: chat_template`` says."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from emp_plugins.errors import InputError

IGNORED = -100
END_WITHIN = 3
"""Tokens after a reply among which its end token may stand."""

ROLES = {"human": "user", "gpt": "assistant"}
"""Names of roles that are other words for those of chat templates."""


def tokenize(
    messages: Sequence[dict[str, Any]], tokenizer: Any, trained: Sequence[str] = ("assistant",)
) -> dict[str, list[int]]:
    """Renders a conversation by the tokenizer's chat template and marks what is trained.

    Trained are the contents of messages with a trained role, each with the end token after it.

    Args:
        messages: Role and content of each.
        tokenizer: A fast tokenizer with a chat template.
        trained: Roles whose messages are trained.

    Returns:
        ``input_ids`` and ``labels``, where a label of -100 is not trained.

    Raises:
        InputError: The template leaves a trained message out, or changes it.
    """
    turns = [{**turn, "role": ROLES.get(turn["role"], turn["role"])} for turn in messages]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = list(encoded["input_ids"]), encoded["offset_mapping"]
    starts, ends = [start for start, _ in offsets], [end for _, end in offsets]
    labels = [IGNORED] * len(ids)
    position = 0
    for turn in turns:
        begin, position = _find(text, turn["content"], position, turn["role"] in trained)
        if turn["role"] in trained:
            first, after = bisect_right(ends, begin), bisect_left(starts, position)
            end = _end(ids, after, tokenizer.eos_token_id)
            for index in (*range(first, after), *end):
                labels[index] = ids[index]
    return {"input_ids": ids, "labels": labels}


def _find(text: str, content: str, position: int, needed: bool) -> tuple[int, int]:
    """Where a message's content begins and ends; templates may cut the space around it."""
    for form in (content, content.strip()):
        begin = text.find(form, position)
        if begin >= 0:
            return begin, begin + len(form)
    if needed:
        raise InputError(
            "datasets: the chat template does not show a reply as it is; train on conversations "
            f"that end with it (the reply begins {content[:40]!r})"
        )
    return position, position


def _end(ids: Sequence[int], after: int, end_token: int | None) -> range:
    """The place of the end token that follows a reply; empty where there is none."""
    for index in range(after, min(len(ids), after + END_WITHIN + 1)):
        if ids[index] == end_token:
            return range(index, index + 1)
    return range(0)
