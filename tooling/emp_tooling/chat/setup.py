"""What a chat is begun with, the same for both screens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emp_plugins.affect.state import Style
from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.safety import Resource
from emp_tooling.chat.conversation import Conversation

if TYPE_CHECKING:
    from emp_tooling.inference import EmpathyInference

ATTRIBUTES = ("diagnosis", "severity")
"""The attributes of u_t that a state header shows."""


@dataclass(frozen=True)
class Setup:
    """A model that is ready to talk, and how.

    Attributes:
        inference: Reads the client and replies.
        name: Of the model, for the first line.
        resources: Crisis resources of the client's locale.
        style: Of the state header in prompts; None where the recipe's have none.
        reasoning: Whether the model's reasoning is shown.
        seed: Of the first reply, and one more for each further one; None draws anew.
        begun: What was said before, from a transcript.
        unanswered: A message of the client's that the transcript ends with.
    """

    inference: EmpathyInference
    name: str
    resources: tuple[Resource, ...] = ()
    style: Style | None = None
    reasoning: bool = True
    seed: int | None = None
    begun: Conversation = Conversation()
    unanswered: str | None = None

    def close(self) -> None:
        """Frees the model."""
        self.inference.close()

    def seed_of(self, asked: int) -> int | None:
        """The seed of a reply.

        Args:
            asked: How many replies were asked for before it; a retry counts, so that it differs.

        Returns:
            The seed.
        """
        return None if self.seed is None else self.seed + asked


def attributes(given: tuple[str, ...]) -> Mapping[str, str]:
    """Reads ``--user diagnosis=MDD``.

    Args:
        given: One text an option.

    Returns:
        u_t.

    Raises:
        InputError: No ``=``, or a name that no header shows.

    Example:
        >>> attributes(("diagnosis=MDD", "severity=High"))
        {'diagnosis': 'MDD', 'severity': 'High'}
    """
    found = {}
    for text in given:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value:
            raise InputError(f"--user {name}: expected NAME=VALUE, such as diagnosis=MDD")
        if name not in ATTRIBUTES:
            raise InputError(f"--user {name}: {did_you_mean(name, ATTRIBUTES)}")
        found[name] = value
    return found
