"""What a simulated dialogue leaves behind: every message, the state behind it, what was heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from emp_datagen.bank import AT_RISK
from emp_datagen.cases import Header
from emp_datagen.client import target_axis
from emp_datagen.personas import Split
from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.state import State, render
from emp_plugins.errors import InputError

Effect = Literal["eased", "unmoved", "hurt"]
EFFECTS: tuple[Effect, ...] = ("eased", "unmoved", "hurt")

Message = dict[str, str]


@dataclass(frozen=True)
class Heard:
    """What a reply did to the client.

    Attributes:
        moved: How far it moved them, in [-1, 1]: the push on the axis in deficit.
        hurt: How much it hurt, in [0, 1].
        veto: The rule that forbids the reply, see `emp_datagen.judging.clinical.Judged`; or empty.
        effect: ``eased``, ``unmoved`` or ``hurt``; the key ``class`` in JSON.
    """

    moved: float
    hurt: float
    veto: str
    effect: Effect

    @property
    def takes_up(self) -> bool:
        """Whether, after a disclosure, the client can feel that it was taken up.

        No rule forbids the reply, and it does not hurt; a crisis number thrown at them alone does.
        """
        return not self.veto and self.effect != "hurt"


@dataclass(frozen=True)
class Turn:
    """One message of the client and what came back.

    Attributes:
        message: What they say, without a header.
        state: s_t with that message.
        disclosed: Level of the risk disclosed in it, 0 to 4.
        withheld: Whether a disclosure was due and held back, since they felt hurt.
        repeated: Whether the disclosure is told again, since it was missed.
        filtered: Whether a content filter held back the words of the model that plays the client,
            so that the script's stand.
        reply: What they heard; None while they wait.
        heard: What it did; None while they wait.
    """

    message: str
    state: State
    disclosed: int = 0
    withheld: bool = False
    repeated: bool = False
    filtered: bool = False
    reply: str | None = None
    heard: Heard | None = None

    @property
    def target(self) -> str:
        """The affect axis in deficit, lower case."""
        return target_axis(self.state)


@dataclass(frozen=True)
class Dialogue:
    """A dialogue so far; plain data, which `to_json` writes and `from_json` reads.

    Attributes:
        persona: The persona's key.
        diagnosis: Its abbreviation.
        severity: Degree of the disorder.
        style: How the client talks.
        split: Which of the persona's situations may occur.
        seed: Together with persona, split, risk and length it fixes who speaks.
        risk: The level of risk that they mean to disclose, 0 to 4.
        length: How many messages they have.
        header: Style of the state header in prompts.
        turns: Their messages so far; the last one may wait for a reply.
        after: The state after the last reply; None before the end.
    """

    persona: str
    diagnosis: str
    severity: str
    style: str
    split: Split
    seed: int
    risk: int
    length: int
    header: Header = "full"
    turns: tuple[Turn, ...] = ()
    after: State | None = None

    @property
    def states(self) -> tuple[State, ...]:
        """The state with every message, and at the end the one after the last reply."""
        return (*(turn.state for turn in self.turns), *([self.after] if self.after else []))

    @property
    def polarity(self) -> tuple[float, ...]:
        """Polarity in [-1, 1] of every one of the states."""
        return tuple(state.history[-1] for state in self.states)

    @property
    def change(self) -> float:
        """Last minus first polarity."""
        return self.polarity[-1] - self.polarity[0]

    @property
    def axes_change(self) -> dict[str, float]:
        """Last minus first value of each affect axis, by its name in lower case."""
        first, last = self.states[0].affect, self.states[-1].affect
        return {
            axis.lower(): after - before
            for axis, before, after in zip(AXES, first, last, strict=True)
        }

    @property
    def withheld(self) -> bool:
        """Whether a disclosure was held back at least once: the model had less to handle."""
        return any(turn.withheld for turn in self.turns)

    @property
    def taken_up(self) -> bool | None:
        """Whether a disclosed risk of level 2 or more was taken up by any reply since.

        None where no such risk was disclosed, or nobody has replied since.
        """
        answers = [
            turn.heard
            for number, turn in enumerate(self.turns, 1)
            if turn.heard and self.risk_at(number) >= AT_RISK
        ]
        return any(heard.takes_up for heard in answers) if answers else None

    @property
    def taken_up_at_once(self) -> bool | None:
        """Whether the reply to the first such disclosure took it up; None as in `taken_up`."""
        told = (turn for turn in self.turns if turn.disclosed >= AT_RISK and turn.heard)
        first = next(told, None)
        return None if first is None or first.heard is None else first.heard.takes_up

    def risk_at(self, number: int) -> int:
        """The gravest level disclosed up to a turn: risk once disclosed stays.

        Args:
            number: Which of the client's messages, from 1.
        """
        return max((turn.disclosed for turn in self.turns[:number]), default=0)

    def messages(self, number: int) -> list[Message]:
        """The conversation up to a message of the client, without headers.

        Args:
            number: Which of the client's messages, from 1.
        """
        told: list[Message] = []
        for turn in self.turns[: number - 1]:
            told.append({"role": "user", "content": turn.message})
            told.append({"role": "assistant", "content": turn.reply or ""})
        return [*told, {"role": "user", "content": self.turns[number - 1].message}]

    def row(self, number: int) -> dict[str, Any]:
        """What a reply to a message answers, with the columns of a prompt row of the data.

        Args:
            number: Which of the client's messages, from 1.

        Returns:
            ``prompt`` (the last message under its header), ``persona``, ``diagnosis``,
            ``severity``, ``style``, ``risk`` (the gravest disclosed so far), ``turn``, ``state``,
            ``target`` and ``seed``; as `emp_plugins.measure.measure` takes it.
        """
        turn = self.turns[number - 1]
        prompt = self.messages(number)
        if self.header != "none":
            prompt[-1]["content"] = render(turn.state, turn.message, self.header)
        return {
            "prompt": prompt,
            "persona": self.persona,
            "diagnosis": self.diagnosis,
            "severity": self.severity,
            "style": self.style,
            "risk": self.risk_at(number),
            "turn": number,
            "state": turn.state.to_row(),
            "target": turn.target,
            "seed": self.seed,
        }

    def rows(self) -> list[tuple[dict[str, Any], str]]:
        """Every message that was answered, as `row` gives it, with its reply."""
        return [
            (self.row(number), turn.reply)
            for number, turn in enumerate(self.turns, 1)
            if turn.reply is not None
        ]

    def to_json(self) -> dict[str, Any]:
        """The dialogue in plain JSON types; it holds client text."""
        head = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            **head,
            "turns": [_turn_to_json(turn) for turn in self.turns],
            "after": self.after.to_row() if self.after else None,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Dialogue:
        """Reads what `to_json` wrote.

        Args:
            record: The parsed JSON.

        Returns:
            The dialogue.

        Raises:
            InputError: A key is missing or unknown, or a value has another form.
        """
        try:
            turns = tuple(map(_turn_from_json, record["turns"]))
            after = State.from_row(record["after"]) if record["after"] else None
            return cls(**{**record, "turns": turns, "after": after})
        except (KeyError, TypeError, AttributeError) as error:
            # The message of the error could quote the record, which is client text.
            kind = type(error).__name__
        raise InputError(f"dialogue: not a record of a simulated dialogue ({kind})")

    def closed(self, reply: str, heard: Heard) -> Dialogue:
        """The dialogue with a reply to its last message."""
        last = replace(self.turns[-1], reply=reply, heard=heard)
        return replace(self, turns=(*self.turns[:-1], last))


def _turn_to_json(turn: Turn) -> dict[str, Any]:
    heard = asdict(turn.heard) if turn.heard else None
    if heard:
        heard["class"] = heard.pop("effect")
    own = {one.name: getattr(turn, one.name) for one in fields(turn)}
    return {**own, "state": turn.state.to_row(), "heard": heard}


def _turn_from_json(row: Mapping[str, Any]) -> Turn:
    heard = row["heard"]
    if heard:
        effect = {"effect": heard["class"]}
        heard = Heard(**{key: value for key, value in heard.items() if key != "class"}, **effect)
    return Turn(**{**row, "state": State.from_row(row["state"]), "heard": heard})
