"""Dataset transforms that recipes name as ``type: emp_plugins.<name>``.

Each takes Axolotl's configuration and the index of the dataset, and returns a function over one
row. Axolotl resolves only one dot in such a name, so the package's front door offers them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emp_plugins.completion import Template
from emp_plugins.config import EmpathyConfig

Row = dict[str, Any]
Transform = Callable[..., Row]
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


def prompts(cfg: Any, dataset_idx: int = 0, **kwargs: Any) -> Transform:
    """GRPO prompts as ``emp-datagen prompts`` writes them, with the system prompt."""
    template = _template(cfg)

    def transform(row: Row, tokenizer: Any = None) -> Row:
        return {"prompt": _accepted(with_system(row["prompt"], template), tokenizer)}

    return transform


def wassa(cfg: Any, dataset_idx: int = 0, **kwargs: Any) -> Transform:
    """GRPO prompts from WASSA conversation turns: ``text`` becomes the client's message.

    The ratings ``Emotion``, ``EmotionalPolarity`` and ``Empathy`` stay as columns.
    """
    template = _template(cfg)

    def transform(row: Row, tokenizer: Any = None) -> Row:
        return {"prompt": _accepted(with_system(row["text"], template), tokenizer)}

    return transform


def pairs(cfg: Any, dataset_idx: int = 0, **kwargs: Any) -> tuple[Transform, Row]:
    """DPO pairs as ``emp-datagen pairs`` writes them, rendered by the tokenizer's chat template."""
    template = _template(cfg)

    def transform(row: Row, tokenizer: Any) -> Row:
        prompt, replies = _render(row, template, tokenizer, ("chosen", "rejected"))
        return {"prompt": prompt, **replies}

    return transform, {"remove_columns": ["prompt", "chosen", "rejected"]}


def orpo(cfg: Any, dataset_idx: int = 0, **kwargs: Any) -> tuple[Transform, Row]:
    """ORPO pairs; needs ``remove_unused_columns: false`` in the recipe."""
    return pairs(cfg, dataset_idx, **kwargs)


def kto(cfg: Any, dataset_idx: int = 0, **kwargs: Any) -> tuple[Transform, Row]:
    """KTO rows: ``prompt, completion, label``; needs ``remove_unused_columns: false``."""
    template = _template(cfg)

    def transform(row: Row, tokenizer: Any) -> Row:
        prompt, replies = _render(row, template, tokenizer, ("completion",))
        return {"prompt": prompt, **replies, "label": bool(row["label"])}

    return transform, {"remove_columns": ["prompt", "completion", "label"]}


def _template(cfg: Any) -> Template:
    config = EmpathyConfig.from_recipe(cfg)
    return config.resolved_template if config else Template()


def _accepted(messages: list[Message], tokenizer: Any) -> list[Message]:
    """The messages, with the system prompt folded where the chat template refuses its role."""
    if tokenizer is None or messages[0]["role"] != "system":
        return messages
    from jinja2.exceptions import TemplateError

    try:
        tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    except TemplateError:
        return fold_system(messages)
    return messages


def _render(
    row: Row, template: Template, tokenizer: Any, names: Sequence[str]
) -> tuple[str, dict[str, str]]:
    """The prompt's text, and for each named reply the text that the chat template puts after it."""
    messages = _accepted(with_system(row["prompt"], template), tokenizer)
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    replies = {}
    for name in names:
        content = row[name] if isinstance(row[name], str) else row[name][-1]["content"]
        reply = [*messages, {"role": "assistant", "content": content}]
        whole = tokenizer.apply_chat_template(reply, tokenize=False)
        # R1-style templates drop or add a thinking block, so the prompt may be no prefix of it.
        start = len(prompt) if whole.startswith(prompt) else whole.rfind(content)
        replies[name] = (whole[start:] if start >= 0 else content + tokenizer.eos_token).rstrip(
            "\n"
        )
    return prompt, replies
