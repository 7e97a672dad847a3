"""Prompts as lists of messages: the system prompt in front, or folded into the first message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emp_plugins.completion import Template

Message = dict[str, str]


def with_system(prompt: str | Sequence[Mapping[str, str]], template: Template) -> list[Message]:
    """A prompt as messages, with the template's system prompt in front.

    Args:
        prompt: The client's text, or messages.
        template: Holds the system prompt; one that the messages already have stays.

    Returns:
        The messages.

    Example:
        >>> with_system("I failed.", Template(system="Be kind."))[0]
        {'role': 'system', 'content': 'Be kind.'}
    """
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
    if not template.system or (messages and messages[0]["role"] == "system"):
        return messages
    return [{"role": "system", "content": template.system.strip()}, *messages]


def fold_system(messages: Sequence[Mapping[str, str]]) -> list[Message]:
    """Moves a system message into the first user message, for chat templates that refuse one.

    Args:
        messages: Messages, the first of which may be a system message.

    Returns:
        Messages without a system role.
    """
    first, *rest = messages
    if first["role"] != "system" or not rest:
        return list(messages)
    content = f"{first['content']}\n\n{rest[0]['content']}"
    return [{"role": "user", "content": content}, *rest[1:]]


def rendered(messages: Sequence[Mapping[str, str]], tokenizer: Any) -> str:
    """The text that a model reads before it writes its reply.

    Args:
        messages: Ends with the client's message.
        tokenizer: A transformers tokenizer with a chat template.

    Returns:
        The rendered messages with the generation prompt; the system message folded into the first
        one where the chat template refuses its role, as in training.
    """
    from jinja2.exceptions import TemplateError

    options = {"add_generation_prompt": True, "tokenize": False}
    try:
        return tokenizer.apply_chat_template(list(messages), **options)
    except TemplateError:
        folded = fold_system(messages)
        if folded == list(messages):
            raise
        return tokenizer.apply_chat_template(folded, **options)
