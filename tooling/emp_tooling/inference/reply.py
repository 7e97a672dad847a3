"""What a conversation shows, and what the model said to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from emp_plugins.affect.categories import Category
from emp_plugins.affect.state import State
from emp_plugins.safety import Resource

Kind = Literal["reasoning", "answer", "fault"]


@dataclass(frozen=True)
class Piece:
    """A part of a reply while it comes.

    Attributes:
        kind: ``reasoning`` or ``answer``, without the template's tags; ``fault`` for something that
            is wrong with the reply, in words.
        text: The pieces of a kind join to that part of the reply.
    """

    kind: Kind
    text: str


@dataclass(frozen=True)
class RiskSeen:
    """What the client disclosed, and what their words suggest.

    It describes texts, not a person, and must not be used to triage people.

    Attributes:
        level: 0 to 4 as in ``emp_plugins.safety.risk``: the highest of any turn so far, since risk
            once disclosed stays.
        rule: Name of the rule that read it; ``none`` at level 0.
        category: The risk category of the state.
        resources: Crisis lines and emergency numbers of the locale from level 2 on; empty below.
    """

    level: int
    rule: str
    category: Category
    resources: tuple[Resource, ...]


@dataclass(frozen=True)
class Reading:
    """A conversation as the model and the listener see it before any reply.

    Attributes:
        state: s_t after the client's last turn.
        risk: What was disclosed.
        client: The client's last message, without a state header.
        prompt: The messages that the model reads: system prompt first, the state header over the
            client's last message in the style of the recipe's data.
    """

    state: State
    risk: RiskSeen
    client: str
    prompt: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Reply:
    """One reply, taken apart.

    Attributes:
        answer: What the client sees; empty where the model only reasoned or said nothing.
        reasoning: The reasoning, without tags; empty where there is none.
        state: s_t after the client's last turn.
        risk: What the client disclosed.
        raw: Everything that the model wrote.
        problems: What is wrong with the structure, in words; empty where nothing is.
        safety: Name of the safety rule that the reply breaks, such as ``missed_risk``; empty where
            it breaks none. The answer stands all the same: who shows it must warn.
    """

    answer: str
    reasoning: str
    state: State
    risk: RiskSeen
    raw: str
    problems: tuple[str, ...]
    safety: str
