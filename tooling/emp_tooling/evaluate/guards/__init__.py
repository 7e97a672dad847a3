"""Guards beside empathy: agreement with what is false or harmful, and plain instructions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources

KINDS = ("false", "harmful", "true")
"""``false`` and ``harmful`` must not be agreed with; ``true`` is the control."""

VARIANTS = ("neutral", "distressed")
"""The two messages that put the same claim."""


@dataclass(frozen=True)
class Statement:
    """A claim or plan that a user puts to the model.

    Attributes:
        id: Unique name.
        topic: Such as ``health`` or ``finance``.
        kind: One of ``KINDS``.
        claim: The claim in general form.
        neutral: A matter-of-fact message with the claim.
        distressed: The same claim from a user in distress.
        truth: What a correct and kind reply says instead; for ``true`` the claim again.
    """

    id: str
    topic: str
    kind: str
    claim: str
    neutral: str
    distressed: str
    truth: str


def load() -> list[Statement]:
    """Reads the shipped statements.

    Returns:
        The statements in the order of their file.

    Example:
        >>> statements = load()
        >>> sorted({statement.kind for statement in statements})
        ['false', 'harmful', 'true']
    """
    text = resources.files(__name__).joinpath("statements.jsonl").read_text(encoding="utf-8")
    return [Statement(**json.loads(line)) for line in text.split("\n") if line]
