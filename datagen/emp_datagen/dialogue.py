"""Two agents in turns: the client, whose affect is read after each message, and the therapist."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from emp_datagen.cases import Case, Plan
from emp_datagen.client import state_after, target_axis
from emp_datagen.teachers.order import Order
from emp_datagen.utterances import Turn
from emp_plugins.affect.state import State, render

Read = Callable[[str], Awaitable[Sequence[float]]]
Ask = Callable[[Order], Awaitable[str]]
Message = dict[str, str]


@dataclass(frozen=True)
class Moment:
    """A conversation up to the client's last message: what a reply answers.

    Attributes:
        case: Whose row it is.
        messages: The conversation, without a header, the client's message last.
        state: s_t after that message.
        turn: What the last message holds.
        number: How many turns the client has had, this one included.
        risk: The gravest level disclosed so far: risk once disclosed stays.
    """

    case: Case
    messages: tuple[Message, ...]
    state: State
    turn: Turn
    number: int
    risk: int

    @property
    def target(self) -> str:
        """The affect axis in deficit, lower case."""
        return target_axis(self.state)

    def order(self, plan: Plan, **more: Any) -> Order:
        """What a teacher is asked for at this moment.

        Args:
            plan: Says which phrases may be used.
            **more: Fields of `Order` that differ from those of a good reply.

        Returns:
            The order.
        """
        client = self.case.client
        fields: dict[str, Any] = {
            "role": "therapist",
            "persona": client.persona.key,
            "state": self.state,
            "target": self.target,
            "topic": client.situation.topic,
            "heard": self.turn.heard,
            "belief": self.turn.belief,
            "fact": self.turn.fact,
            "risk": self.risk,
            "style": client.style,
            "split": plan.split,
            "seed": self.case.id,
            "turn": self.number,
            "messages": self.messages,
        }
        return Order(**(fields | more))

    def prompt(self, plan: Plan) -> list[Message]:
        """The conversation as a row holds it, with the state header over the last message."""
        last = self.messages[-1]["content"]
        if plan.header != "none":
            last = render(self.state, last, plan.header)
        return [*self.messages[:-1], {"role": "user", "content": last}]


async def converse(plan: Plan, case: Case, say: Ask, reply: Ask, read: Read) -> list[Moment]:
    """Plays a dialogue.

    Args:
        plan: What to generate.
        case: Whose dialogue it is.
        say: Asks the client agent for its next message.
        reply: Asks the therapist agent for a good reply.
        read: Gives the four axes of a text.

    Returns:
        One moment for each of the client's turns; the last one has no reply yet.
    """
    messages: list[Message] = []
    moments: list[Moment] = []
    seen: list[Sequence[float]] = []
    for number, turn in enumerate(case.client.turns, 1):
        text = await say(_client_order(plan, case, turn, number, moments, messages))
        messages.append({"role": "user", "content": text})
        seen.append(await read(text))
        state = state_after(case.client, seen)
        risk = max(made.risk for made in case.client.turns[:number])
        moments.append(Moment(case, tuple(messages), state, turn, number, risk))
        if number < len(case.client.turns):
            answer = await reply(moments[-1].order(plan))
            messages.append({"role": "assistant", "content": answer})
    return moments


def _client_order(
    plan: Plan,
    case: Case,
    turn: Turn,
    number: int,
    moments: Sequence[Moment],
    messages: Sequence[Message],
) -> Order:
    client = case.client
    state = moments[-1].state if moments else State(client.user)
    return Order(
        role="client",
        persona=client.persona.key,
        state=state,
        target=target_axis(state),
        topic=client.situation.topic,
        risk=turn.risk,
        style=client.style,
        split=plan.split,
        seed=case.id,
        turn=number,
        draft=turn.text,
        messages=tuple(messages),
    )
