"""What an agent is asked for, whichever model plays it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from emp_datagen.bank import Split
from emp_plugins.affect.state import State

Role = Literal["client", "therapist", "critique", "revise"]


@dataclass(frozen=True)
class Order:
    """One request to a teacher.

    Attributes:
        role: Who is played: the client, the therapist, a supervisor who says why a reply harms, or
            the therapist who rewrites a reply.
        persona: The client's persona.
        state: s_t after the client's last message.
        target: The affect axis in deficit, lower case.
        topic: What it is about, as a noun phrase.
        risk: The client's risk level; for the client, what this message discloses.
        style: How the client talks.
        split: Which phrases may be used.
        seed: Fixes the choices together with the error and the therapist's style.
        turn: Which turn of the client it is.
        heard: What the client said, in the second person, one clause for each thing.
        belief: A thought that they voiced, in the second person, or empty.
        fact: The answer to what they asked about the disorder, or empty.
        error: The clinical error to make; empty for a good reply.
        therapist: The therapist's style, a key of the bank's ``styles``; empty for none.
        words: About how long the reply should be; 0 for any length.
        draft: For the client what the message must convey; for critique and revise the reply.
        critique: For revise what is wrong with the reply.
        messages: The conversation so far, without a header.
    """

    role: Role
    persona: str
    state: State
    target: str
    topic: str
    risk: int
    style: str
    split: Split
    seed: str
    turn: int = 1
    heard: tuple[str, ...] = ()
    belief: str = ""
    fact: str = ""
    error: str = ""
    therapist: str = ""
    words: int = 0
    draft: str = ""
    critique: str = ""
    messages: tuple[dict[str, str], ...] = field(default=())

    def to_row(self) -> dict[str, Any]:
        """All but the conversation, as plain JSON."""
        row = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del row["messages"]
        return {**row, "state": self.state.to_row()}
