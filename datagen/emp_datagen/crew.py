"""Everybody who works on a row: client, therapist, the reader of affect, the judge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from emp_datagen.batcher import Batcher
from emp_datagen.judging.clinical import ClinicalJudge, Item, Judged
from emp_datagen.judging.select import Rule
from emp_datagen.teachers import Agent, Meter, Order, Settings, load

GATHER_SECONDS = 0.015
"""How long replies of a model are gathered before they are judged: together they cost less."""


@dataclass(frozen=True)
class CrewSpec:
    """Who works on the rows; plain values, so that it travels to other processes.

    Attributes:
        teacher: The therapist, and who writes critiques; empty where nobody writes.
        client: The client; empty for the teacher's own kind.
        settings: How they are asked.
        judging: ``judges`` and ``rewards`` as in a recipe; None for the default.
        judged: Whether replies are judged at all.
        rule: What a pair must meet.
        candidates: Replies to one message, where the judge selects and in groups.
        critique: Ask the teacher why the rejected reply harms.
        revise: Ask it to rewrite its good reply against a critique.
    """

    teacher: str = "scripted"
    client: str = ""
    settings: Settings = field(default_factory=Settings)
    judging: dict[str, Any] | None = None
    judged: bool = True
    rule: Rule = field(default_factory=Rule)
    candidates: int = 4
    critique: bool = False
    revise: bool = False


@dataclass
class Crew:
    """The agents and judges, ready.

    Attributes:
        spec: What was asked for.
        therapist: Writes replies.
        client: Writes the client's messages.
        read: Gives the four axes of a text.
        judge: Gives what the judges say of a reply.
        meter: Counts calls and tokens of both agents.
    """

    spec: CrewSpec
    therapist: Agent | None
    client: Agent | None
    read: Callable[[str], Awaitable[Sequence[float]]]
    judge: Callable[[Item], Awaitable[Judged]]
    meter: Meter

    @property
    def quick(self) -> bool:
        """Whether nobody waits for a model: then many rows are under way at a time."""
        agents = [agent for agent in (self.therapist, self.client) if agent is not None]
        return all(agent.name == "scripted" for agent in agents)

    async def say(self, order: Order) -> str:
        """The client's next message: the draft as it stands where no model plays the client."""
        if self.client is None:
            return order.draft
        return (await self.client.ask(order))[0]

    async def reply(self, order: Order) -> str:
        """One reply of the therapist."""
        assert self.therapist is not None
        return (await self.therapist.ask(order))[0]

    async def close(self) -> None:
        """Ends connections."""
        for agent in {id(a): a for a in (self.therapist, self.client) if a}.values():
            await agent.close()


def build(spec: CrewSpec) -> Crew:
    """Loads agents and judges.

    Args:
        spec: Who is wanted.

    Returns:
        The crew.

    Raises:
        InputError: A teacher or a judge cannot be used.
    """
    meter = Meter()
    therapist = load(spec.teacher, spec.settings, meter) if spec.teacher else None
    played = spec.client or spec.teacher
    client = None
    if played not in ("", "scripted"):
        same = played == spec.teacher
        client = therapist if same else load(played, spec.settings, meter)
    judge = ClinicalJudge(spec.judging)
    slow = any(s.backend != "embedded" for s in judge.config.judge_specs.values())
    crew = Crew(
        spec,
        therapist,
        client,
        read=Batcher(lambda texts: _axes(judge, texts), threaded=slow),
        judge=Batcher(judge.score, threaded=slow),
        meter=meter,
    )
    if spec.judged and not slow:
        # Their tables take a second to compile: before a request waits for them.
        judge.score([Item([{"role": "user", "content": "I am tired."}], "I hear you.")])
    if not crew.quick:
        crew.judge = Batcher(judge.score, delay=GATHER_SECONDS, threaded=slow)
    return crew


def _axes(judge: ClinicalJudge, texts: Sequence[str]) -> list[list[float]]:
    from emp_plugins import judges
    from emp_plugins.affect import hourglass

    emotion = judges.load("emotion", judge.config.judge_specs.get("emotion"))
    matrix = hourglass.matrix(judge.config.matrix)
    return hourglass.dimensions(emotion.score(texts), matrix).tolist()
