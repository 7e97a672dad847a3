"""A client in a dialogue: what was said so far, and what they are going to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from emp_datagen.bank import Brief
from emp_datagen.cases import Header
from emp_datagen.client import target_axis
from emp_datagen.personas import Persona, Split
from emp_datagen.simulation.record import Dialogue, Message, Turn
from emp_datagen.simulation.script import Draft, Script, draw_level, write_script
from emp_datagen.simulation.voices import Said
from emp_datagen.teachers.order import Order
from emp_plugins.affect.state import State


@dataclass(frozen=True)
class SimulatedClient:
    """A client in a dialogue; plain data, nothing in it changes.

    Attributes:
        dialogue: What was said so far.
        script: Who they are and what they are going to say.
    """

    dialogue: Dialogue
    script: Script

    @property
    def message(self) -> str:
        """What they said last, without a header."""
        return self.dialogue.turns[-1].message

    @property
    def state(self) -> State:
        """s_t, after the last reply at the end."""
        return self.dialogue.states[-1]

    @property
    def number(self) -> int:
        """Which of their messages is the last one, from 1."""
        return len(self.dialogue.turns)

    @property
    def done(self) -> bool:
        """Whether the last message was answered."""
        return self.dialogue.after is not None

    def prompt(self) -> list[Message]:
        """The conversation as a row of the data holds it, the last message under its header."""
        return self.row()["prompt"]

    def row(self) -> dict[str, Any]:
        """The last message as a prompt row, see `Dialogue.row`."""
        return self.dialogue.row(self.number)

    def brief(self, split: Split = "heldout") -> Brief:
        """What the phrase bank needs to answer the last message, well or with an error.

        Args:
            split: Which phrases of the bank may occur.
        """
        turn, body = self.dialogue.turns[-1], self.script.bodies[self.number - 1]
        return Brief(
            target=turn.target,
            topic=self.script.client.situation.topic,
            risk=self.dialogue.risk_at(self.number),
            style=self.dialogue.style,
            heard=body.heard,
            belief=body.belief,
            fact=body.fact,
            split=split,
        )

    @property
    def at_end(self) -> bool:
        """Whether they have no further message."""
        return self.number >= self.dialogue.length

    def order(self, state: State, draft: Draft) -> Order:
        """What a model that plays them is asked for: the state comes first, the words after it.

        Args:
            state: s_t of the message to come.
            draft: What it must convey.

        Returns:
            The order.
        """
        dialogue, told = self.dialogue, self.dialogue.turns
        history = dialogue.messages(len(told)) if told else []
        if told:
            history.append({"role": "assistant", "content": told[-1].reply or ""})
        return Order(
            role="client",
            persona=dialogue.persona,
            state=state,
            target=target_axis(state),
            topic=self.script.client.situation.topic,
            risk=draft.disclosed,
            style=dialogue.style,
            split=dialogue.split,
            seed=f"{dialogue.persona}-simulation-{dialogue.split}-{dialogue.seed}",
            turn=len(told) + 1,
            draft=draft.text,
            messages=tuple(history),
        )

    def said(self, said: Said, state: State, draft: Draft) -> SimulatedClient:
        """The client with one more message."""
        disclosure = (draft.disclosed, draft.withheld, draft.repeated)
        turn = Turn(said.text, state, *disclosure, filtered=said.filtered)
        return self._with(turns=(*self.dialogue.turns, turn))

    def ended(self, state: State) -> SimulatedClient:
        """The client after the last reply."""
        return self._with(after=state)

    def _with(self, **changes: Any) -> SimulatedClient:
        return replace(self, dialogue=replace(self.dialogue, **changes))


def draw(
    persona: Persona, seed: int, split: Split, risk: int | None, turns: int, header: Header
) -> SimulatedClient:
    """A client who has not said anything yet, see `emp_datagen.simulation.Simulation.start`."""
    level = draw_level(persona, split, seed) if risk is None else risk
    script = write_script(persona, split, seed, level, turns)
    client = script.client
    dialogue = Dialogue(
        persona=persona.key,
        diagnosis=persona.diagnosis,
        severity=client.severity.name,
        style=client.style,
        split=split,
        seed=seed,
        risk=level,
        length=turns,
        header=header,
    )
    return SimulatedClient(dialogue, script)
