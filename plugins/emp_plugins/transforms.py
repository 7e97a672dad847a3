"""Dataset transforms that recipes name as ``type: emp_plugins.<name>``.

Each takes Axolotl's configuration and the index of the dataset, and returns a function over one
row. Axolotl resolves only one dot in such a name, so the package's front door offers them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emp_plugins.completion import Template
from emp_plugins.config import EmpathyConfig
from emp_plugins.messages import Message, fold_system, with_system

Row = dict[str, Any]
Transform = Callable[..., Row]


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
