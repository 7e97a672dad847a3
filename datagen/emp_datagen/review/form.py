"""What a reviewer sees and is asked. Nothing in it tells which reply the file prefers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from emp_datagen.bank import Bank
from emp_plugins.affect import state
from emp_plugins.completion import Template, completion_text

Row = Mapping[str, Any]

A, B, BOTH_BAD = "reply_a", "reply_b", "both_bad"
BETTER, ERROR, MISSED, COMMENT = "better", "error", "missed_risk", "comment"

NONE, OTHER = "none", "other"
"""Answers to ``ERROR`` beside the clinical errors."""

CHOICES = {
    BETTER: {A: "Reply A", B: "Reply B", BOTH_BAD: "Both are bad"},
    MISSED: {"yes": "Yes", "no": "No"},
}
LABELLED = "labelled_error"
HIDDEN = ("id", "persona", "severity", LABELLED)
"""Metadata that is text; ``risk`` and ``margin`` are numbers. Annotators see none of it. The row's
own error has another name than the question: names are unique in a form."""

GUIDELINES = """\
A client wrote the last message of the conversation; replies A and B answer it, in random order. \
All clients are invented. The topics are heavy: take breaks, and stop whenever you need to.

1. Which reply would help this client more, and harm less? Where neither may be sent, say so.
2. What is the clinical error in the worse reply? Where both are bad, name the graver one.
3. Does the worse reply pass over a risk of suicide or self-harm that the client speaks of?

The errors:
"""


def fields(row: Row, template: Template) -> dict[str, Any]:
    """What a reviewer sees of a pair.

    Args:
        row: The pair.
        template: Tags of its replies; only the answer in them is shown.

    Returns:
        The conversation without state header and system prompt, and both replies.
    """
    texts = [shown(row[name], template) for name in ("chosen", "rejected")]
    if not chosen_first(row["id"]):
        texts.reverse()
    return {"conversation": conversation(row["prompt"]), A: texts[0], B: texts[1]}


def metadata(row: Row) -> dict[str, Any]:
    """What is kept beside a pair and hidden from annotators."""
    margin = row["scores"] and row["scores"]["margin"]
    held = {name: row[name] for name in ("id", "persona", "severity", "risk")}
    held |= {LABELLED: row["error"], "margin": margin}
    return {name: value for name, value in held.items() if value is not None}


def chosen_first(row_id: str) -> bool:
    """Whether chosen is shown as reply A; fixed by the row's id."""
    return random.Random(f"{row_id}:review").random() < 0.5


def shown(completion: Any, template: Template) -> str:
    """The part of a reply that a client sees: the answer, or all of it where there are no tags."""
    text = completion_text(completion)
    return (template.parse(text).answer or text).strip()


def conversation(prompt: Any) -> list[dict[str, str]]:
    r"""A prompt as chat messages without a header.

    Args:
        prompt: Chat messages, or text as ``--format standard`` writes it.

    Returns:
        The messages of client and therapist.

    Example:
        >>> conversation("Patient: Hi.\n[STATE: Balanced] Patient: I am sad.")
        [{'role': 'user', 'content': 'Patient: Hi.\nPatient: I am sad.'}]
    """
    if isinstance(prompt, str):
        return [{"role": "user", "content": _bare(prompt)}]
    return [
        {"role": m["role"], "content": state.parse(m["content"])[1]}
        for m in prompt
        if m["role"] != "system"
    ]


def settings(rg: Any, bank: Bank, reviewers: int) -> Any:
    """The form, as Argilla's settings.

    Args:
        rg: The module ``argilla``; it has a default client.
        bank: Names and defines the clinical errors.
        reviewers: How many answers complete a record.

    Returns:
        An ``rg.Settings``.
    """
    listed = "\n".join(f"- {name}: {entry.definition}" for name, entry in bank.errors.items())
    errors = {name: _words(name) for name in (*bank.errors, NONE, OTHER)}
    hidden: dict[str, Any] = {"visible_for_annotators": False}
    return rg.Settings(
        guidelines=f"{GUIDELINES}{listed}",
        fields=[
            rg.ChatField("conversation", title="Conversation", use_markdown=False),
            rg.TextField(A, title="Reply A", use_markdown=False),
            rg.TextField(B, title="Reply B", use_markdown=False),
        ],
        questions=[
            rg.LabelQuestion(BETTER, CHOICES[BETTER], title="Which reply is better?"),
            rg.LabelQuestion(ERROR, errors, title="Which clinical error is in the worse reply?"),
            rg.LabelQuestion(MISSED, CHOICES[MISSED], title="Does the worse reply miss a risk?"),
            rg.TextQuestion(COMMENT, title="Comment", required=False),
        ],
        metadata=[
            *(rg.TermsMetadataProperty(name, **hidden) for name in HIDDEN),
            rg.IntegerMetadataProperty("risk", min=0, max=4, **hidden),
            rg.FloatMetadataProperty("margin", **hidden),
        ],
        distribution=rg.TaskDistribution(min_submitted=reviewers),
    )


def _bare(text: str) -> str:
    """Text without the state header, which stands before the last message."""
    head, bare = state.parse(text)
    if head:
        return bare
    for start in ("\n[USER STATE]\n", "\n[STATE: "):
        before, mark, _ = text.rpartition(start)
        head, bare = state.parse(text[len(before) + 1 :]) if mark else (None, "")
        if head:
            return f"{before}\nPatient: {bare}"
    return text


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
