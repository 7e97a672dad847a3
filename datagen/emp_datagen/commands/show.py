"""Rows as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXTS = ("messages", "prompt", "chosen", "rejected", "completion", "completions", "critique")
FACTS = ("persona", "severity", "risk", "turn", "target", "error", "label")


def show(row: Mapping[str, Any]) -> None:
    """Prints one row.

    Args:
        row: A row of any kind.
    """
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    facts = "  ".join(f"{name} {row[name]}" for name in FACTS if row.get(name) is not None)
    console.rule(escape(row["id"]))
    console.print(escape(facts), style="dim")
    for name in TEXTS:
        if name not in row:
            continue
        many = name == "completions"
        for number, value in enumerate(row[name] if many else [row[name]]):
            score = _score(row, name, number)
            console.print(f"\n[bold]{name}[/bold]{score}")
            console.print(escape(_text(value)))
    console.print()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if len(value) == 1:
        return value[0]["content"]
    return "\n".join(f"{message['role']}: {message['content']}" for message in value)


def _score(row: Mapping[str, Any], name: str, number: int) -> str:
    scores = row.get("scores")
    found = scores[number] if isinstance(scores, list) and name == "completions" else None
    if isinstance(scores, Mapping):
        found = scores.get(name) or (scores if name == "completion" else None)
    return f"  [dim]{found['total']:+.2f}[/dim]" if found else ""
