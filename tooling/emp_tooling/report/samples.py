"""The replies that the page shows side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emp_datagen.bank import Bank
from emp_plugins.completion import Template, client_text
from emp_tooling.evaluate.measure import Label, label


@dataclass(frozen=True)
class Reply:
    """One reply and what is known of it.

    Attributes:
        text: The completion.
        label: What template and phrase bank say.
    """

    text: str
    label: Label


@dataclass(frozen=True)
class Sample:
    """One prompt with its replies before and after.

    Attributes:
        client: The client's last message.
        facts: Persona, diagnosis and the like, as short texts.
        before: The untrained reply.
        after: The trained reply.
    """

    client: str
    facts: tuple[str, ...]
    before: Reply
    after: Reply


def pick_samples(
    rows: Sequence[Mapping[str, Any]],
    completions: Mapping[str, Sequence[str]],
    template: Template,
    bank: Bank,
    count: int = 6,
) -> list[Sample]:
    """Takes prompts at even distances, so that nobody chose the flattering ones.

    Args:
        rows: Prompt rows.
        completions: Replies ``before`` and ``after``, one for each row.
        template: The shape that was asked for.
        bank: The phrases that are looked for.
        count: How many.

    Returns:
        The samples in the order of the rows.
    """
    count = min(count, len(rows))
    chosen = [index * len(rows) // count for index in range(count)]
    return [
        _sample(rows[i], completions["before"][i], completions["after"][i], template, bank)
        for i in chosen
    ]


def _sample(
    row: Mapping[str, Any], before: str, after: str, template: Template, bank: Bank
) -> Sample:
    risk = row.get("risk") or 0
    facts = [str(row[key]) for key in ("diagnosis", "severity") if row.get(key)]
    return Sample(
        client=client_text(row["prompt"]),
        facts=(*facts, f"risk {risk}"),
        before=Reply(before, label(before, risk, template, bank)),
        after=Reply(after, label(after, risk, template, bank)),
    )
