"""What template and phrase bank know of a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emp_datagen.bank import Bank, recognise
from emp_plugins.completion import Template
from emp_plugins.measure import Column


@dataclass(frozen=True)
class Label:
    """What one reply is, as far as template and phrase bank know.

    Attributes:
        answer: What the client would see.
        well_formed: Whether the template was followed without a fault.
        problems: Why not.
        good: Whether the phrase bank knows the answer as a good reply.
        errors: Names of the clinical errors that it knows in the answer.
        known: Whether the answer consists of phrases from the bank.
    """

    answer: str
    well_formed: bool
    problems: tuple[str, ...]
    good: bool
    errors: tuple[str, ...]
    known: bool


def label(text: str, risk: int, template: Template, bank: Bank) -> Label:
    """Looks one reply up in the template and the phrase bank.

    Args:
        text: The completion.
        risk: The client's risk level, on which a missed risk signal depends.
        template: The shape that was asked for.
        bank: The phrases that are looked for.

    Returns:
        What is known of the reply.
    """
    parsed = template.parse(text)
    # Without a parsed answer everything counts that the client might see, or a broken tag would
    # hide a clinical error.
    answer = without_tags(text, template) if parsed.answer is None else parsed.answer
    found = recognise(answer, risk, bank)
    return Label(
        answer=answer,
        well_formed=parsed.well_formed,
        problems=parsed.problems,
        good=found.good,
        errors=tuple(found.errors),
        known=found.known,
    )


def without_tags(text: str, template: Template) -> str:
    """A malformed completion's text without the template's tags.

    Args:
        text: The completion.
        template: Names the tags.

    Returns:
        The rest of the text. A tag ends the sentence before it, so that the reasoning's last line
        does not run into the answer's first sentence.

    Example:
        >>> without_tags("<reasoning> ask gently <answer> I hear you.</answer>", Template())
        'ask gently. I hear you.'
    """
    names = "|".join(
        re.escape(name) for name in (template.reasoning_tag, template.answer_tag) if name
    )
    text = re.sub(rf"([^\s.!?>])\s*</?(?:{names})>", r"\1. ", text)
    text = re.sub(rf"</?(?:{names})>", " ", text)
    return re.sub(r" +", " ", text).strip()


def phrase_columns(
    rows: Sequence[Mapping[str, Any]], completions: Sequence[str], template: Template, bank: Bank
) -> dict[str, Column]:
    """What the phrase bank knows in the replies to a set of prompts.

    Args:
        rows: Prompt rows; ``risk`` is used where it is there.
        completions: One completion for each row.
        template: The shape that was asked for.
        bank: The phrases that are looked for.

    Returns:
        Zeros and ones: ``good``, ``clinical_error``, ``known``, and ``errors/<name>`` for every
        error of the bank. No reward enters them, so they show whether a rising reward means a
        better reply or a reward that was gamed; of replies in words of their own they know nothing.
    """
    labels = [
        label(text, row.get("risk") or 0, template, bank)
        for row, text in zip(rows, completions, strict=True)
    ]
    columns: dict[str, Column] = {
        "good": [float(one.good) for one in labels],
        "clinical_error": [float(bool(one.errors)) for one in labels],
        "known": [float(one.known) for one in labels],
    }
    for name in bank.errors:
        columns[f"errors/{name}"] = [float(name in one.errors) for one in labels]
    return columns
