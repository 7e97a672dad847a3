"""Which columns each dataset ``type`` reads, by training method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from emp_plugins.check.datasets.values import Names

PREFERENCE = ("dpo", "ipo", "simpo")
REWARDED = ("grpo", "gdpo")


class Column(NamedTuple):
    """One column that a type reads.

    Attributes:
        name: Its name.
        kind: What it holds, a key of ``values.KINDS``.
        others: Names that are taken in its place.
        key: The recipe key, below the dataset, that gives the name; empty where it is fixed.
    """

    name: str
    kind: str = "text"
    others: tuple[str, ...] = ()
    key: tuple[str, ...] = ()


Columns = tuple[Column, ...]


def _columns(**kinds: str) -> Columns:
    return tuple(Column(name, kind) for name, kind in kinds.items())


OURS: Mapping[str, tuple[tuple[str, ...], Columns]] = {
    "prompts": (REWARDED, _columns(prompt="prompt")),
    "wassa": (REWARDED, _columns(text="text")),
    "pairs": ((*PREFERENCE, "orpo"), _columns(prompt="prompt", chosen="reply", rejected="reply")),
    "orpo": (("orpo", *PREFERENCE), _columns(prompt="prompt", chosen="reply", rejected="reply")),
    "kto": (("kto",), _columns(prompt="prompt", completion="reply", label="label")),
}
"""Our transform -> the methods it is for and what it reads."""

_REPLIES = (
    Column("chosen", "any", ("chosen_response",)),
    Column("rejected", "any", ("rejected_response",)),
)
_QUESTION = Column("prompt", "any", ("input", "question", "instruction"))

_PAIRS: Mapping[str, Columns] = {
    "default": (_QUESTION, *_REPLIES),
    "argilla_chat": _columns(chosen="exchange", rejected="exchange"),
    "icr": _columns(input="any", chosen="any", rejected="any"),
    "intel": _columns(question="any", chosen="any", rejected="any"),
    "prompt_pairs": _columns(prompt="any", chosen="any", rejected="any"),
    "ultra": _columns(prompt="any", chosen="exchange", rejected="exchange"),
}

DPO: Mapping[str, Columns] = {
    **{f"{style}.{name}": c for style in ("chatml", "llama3") for name, c in _PAIRS.items()},
    "chat_template.default": _columns(messages="prompt", chosen="turn", rejected="turn"),
    "chat_template.argilla_chat": _columns(chosen="messages", rejected="messages"),
    "passthrough.default": (),
    "user_defined.default": (),
    "zephyr.nectar": _columns(prompt="any", answers="list"),
}
"""Axolotl's types for DPO and its kin; GRPO goes through the same loader."""

_RATED: Mapping[str, Columns] = {
    "argilla": _columns(instruction="any", completion="any", label="label"),
    "argilla_chat": _columns(completion="messages", label="label"),
    "intel": _columns(question="any", completion="any", label="label"),
    "prompt_pairs": _columns(prompt="any", completion="any", label="label"),
    "ultra": _columns(prompt="any", completion="any", label="label"),
}

KTO: Mapping[str, Columns] = {
    **{f"{style}.{name}": c for style in ("chatml", "llama3") for name, c in _RATED.items()},
    "user_defined.default": (),
}

ORPO: Mapping[str, Columns] = {
    "chat_template.argilla": _columns(chosen="messages", rejected="messages"),
}

SFT: Mapping[str, Columns] = {
    "alpaca": _columns(instruction="any", output="any"),
    "chat_template": _columns(messages="conversation"),
    "completion": _columns(text="text"),
    "input_output": _columns(segments="list"),
}
"""The SFT types whose columns are known here; Axolotl has more."""

SFT_OTHERS = (
    *("alpaca_chat", "alpaca_instruct", "alpaca_w_system", "context_qa", "creative_acr"),
    *("llama2_chat", "metharme", "orcamini", "pretrain", "pygmalion", "stepwise_supervised"),
    *("messages", "bradley_terry", "explainchoice", "concisechoice", "summarizetldr", "jeopardy"),
    *("oasst", "gpteacher", "reflection", "user_defined", "_synthetic"),
)

FIELDS: Mapping[str, Columns] = {
    "dpo": _columns(prompt="any", chosen="any", rejected="any"),
    "kto": _columns(prompt="any", completion="any", label="label"),
    "sft": _columns(instruction="any", output="any"),
}
"""Columns of a ``type:`` that is a mapping, which ``field_<column>`` renames."""

UNTYPED: Mapping[str, Columns] = {
    "dpo": _columns(prompt="text", chosen="text", rejected="text"),
    "kto": _columns(prompt="text", completion="text", label="label"),
    "grpo": _columns(prompt="prompt"),
}
"""What TRL wants of rows that nothing transforms."""


def family(method: str) -> str:
    """The loader that a method shares.

    Example:
        >>> family("ipo"), family("gdpo"), family("orpo")
        ('dpo', 'grpo', 'orpo')
    """
    return "dpo" if method in PREFERENCE else "grpo" if method in REWARDED else method


def types(method: str) -> Mapping[str, Columns]:
    """Axolotl's types for a method, with the columns that each reads."""
    return {"kto": KTO, "orpo": ORPO, "sft": SFT}.get(family(method), DPO)


def full_name(kind: str, method: str) -> str:
    """A type as the loader completes it: ``chatml`` is ``chatml.default``, but for SFT.

    Example:
        >>> full_name("chat_template", "dpo"), full_name("chat_template", "sft")
        ('chat_template.default', 'chat_template')
    """
    if family(method) == "sft":
        return kind.partition(":")[0]
    return kind if "." in kind else f"{kind}.default"


def columns_of(entry: Mapping[str, Any], method: str) -> Columns:
    """The columns that a dataset must have.

    Args:
        entry: An entry of ``datasets``.
        method: What ``rl`` says.

    Returns:
        The columns; none where the type is a user's own or one that is not known here.

    Example:
        >>> [column.name for column in columns_of({"type": "emp_plugins.kto"}, "kto")]
        ['prompt', 'completion', 'label']
    """
    kind = entry.get("type")
    loader = family(method)
    if isinstance(kind, Mapping):
        return _renamed(FIELDS.get("dpo" if loader == "grpo" else loader, ()), kind, ("type",))
    if not isinstance(kind, str):
        return UNTYPED.get("dpo" if loader == "orpo" else loader, ())
    name = full_name(kind, method)
    if kind.startswith("emp_plugins."):
        return OURS.get(kind.removeprefix("emp_plugins."), ((), ()))[1]
    if name == "passthrough.default":
        return UNTYPED.get(loader, ())
    if kind == "completion" and isinstance(entry.get("field"), str):
        return (Column(entry["field"], "text", (), ("field",)),)
    return _renamed(types(method).get(name, ()), entry, ())


def names_of(entry: Mapping[str, Any], method: str) -> Names:
    """How the messages of a dataset name role and content.

    Args:
        entry: An entry of ``datasets``.
        method: What ``rl`` says; only SFT heeds ``message_property_mappings``.

    Returns:
        The names.
    """
    if family(method) != "sft":
        return Names()
    mappings = entry.get("message_property_mappings")
    found = mappings if isinstance(mappings, Mapping) else {}
    role = found.get("role") or entry.get("message_field_role") or "role"
    content = found.get("content") or entry.get("message_field_content") or "content"
    return Names(str(role), str(content))


def _renamed(columns: Columns, source: Mapping[str, Any], path: tuple[str, ...]) -> Columns:
    return tuple(
        Column(source[key], column.kind, (), (*path, key))
        if isinstance(source.get(key := f"field_{column.name}"), str)
        else column
        for column in columns
    )
