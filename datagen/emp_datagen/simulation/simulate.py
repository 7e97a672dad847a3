"""Many simulated dialogues that advance together, so that model and judges work in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emp_datagen import bank as banks
from emp_datagen.cases import Header
from emp_datagen.client import state_after
from emp_datagen.judging.clinical import ClinicalJudge, Item, Judged
from emp_datagen.personas import Persona, Split
from emp_datagen.simulation.listening import Listening, fresh_share, polarity
from emp_datagen.simulation.live import SimulatedClient, draw
from emp_datagen.simulation.record import Dialogue
from emp_datagen.simulation.script import (
    MISSED_RULE,
    draw_level,
    next_draft,
    write_script,
)
from emp_datagen.simulation.voices import load_voice
from emp_datagen.simulation.words import load_words
from emp_datagen.teachers import Settings
from emp_plugins.affect.state import State
from emp_plugins.errors import InputError

TAKEN_UP = 1
"""Level at which a reply is judged again once the risk has been taken up: nobody has to run through
the whole protocol at every turn after it."""


class Simulation:
    """Starts simulated clients and lets them hear replies.

    A context manager: leaving it ends the connections of a client that a model plays.

    Args:
        judging: ``judges`` and ``rewards`` that move the clients, as in a recipe; None for the
            default of the data's judges.
        client: ``scripted``, or a teacher that words what the script says: ``openai:MODEL@URL``,
            ``anthropic:MODEL``, ``hf:PATH`` or ``vllm:MODEL``.
        settings: How such a teacher is asked.
        listening: How replies move a client.
        bank: Folder whose ``listening.yml``, if it has one, replaces the package's.

    Raises:
        InputError: A judge, the teacher or the bank cannot be used.

    Example:
        >>> from emp_datagen.personas import load
        >>> with Simulation() as simulation:
        ...     client = simulation.start(load(["grief"])[0], seed=1, turns=2)
        ...     [after] = simulation.advance([client], ["You should get over it and move on."])
        >>> after.number, after.dialogue.turns[0].heard.effect
        (2, 'hurt')
    """

    def __init__(
        self,
        judging: Mapping[str, Any] | None = None,
        client: str = "scripted",
        settings: Settings | None = None,
        listening: Listening | None = None,
        bank: Path = banks.SHIPPED,
    ) -> None:
        self.judge = ClinicalJudge(judging)
        self.listening = listening or Listening()
        self._words = load_words(bank)
        self._voice = load_voice(client, settings)

    def start(
        self,
        persona: Persona,
        *,
        seed: int = 0,
        split: Split = "heldout",
        risk: int | None = None,
        turns: int = 4,
        header: Header = "full",
    ) -> SimulatedClient:
        """A client with their first message.

        Args:
            persona: The profile.
            seed: The same seed gives the same client.
            split: Which of the persona's situations may occur.
            risk: Level of risk that they disclose, 0 to 4; None draws one by the persona.
            turns: How many messages they have, at least 1.
            header: Style of the state header in prompts.

        Returns:
            The client.

        Raises:
            InputError: No such level or length, or the persona never discloses this level.
            TeacherError: The model that plays the client gave no text.
        """
        return self._open([draw(persona, seed, split, risk, turns, header)])[0]

    def start_all(
        self,
        personas: Sequence[Persona],
        n: int,
        *,
        seed: int = 0,
        split: Split = "heldout",
        risk: int | None = None,
        risk_share: float | None = None,
        turns: int = 4,
        header: Header = "full",
    ) -> list[SimulatedClient]:
        """Clients with their first messages; the personas take turns.

        Args:
            personas: The profiles.
            n: How many clients.
            seed: That of the first round of personas; each further round has the next one.
            split: See `start`.
            risk: See `start`.
            risk_share: Share of clients at level 2 or more where ``risk`` is None; None for the
                personas' own.
            turns: See `start`.
            header: See `start`.

        Returns:
            The clients; each is the one that `start` gives.

        Raises:
            InputError: See `start`; or there are no personas.
            TeacherError: See `start`.
        """
        if not personas:
            raise InputError("simulation: no personas; name at least one")
        drawn = []
        for place in range(n):
            persona, own = personas[place % len(personas)], seed + place // len(personas)
            level = draw_level(persona, split, own, risk_share) if risk is None else risk
            drawn.append(draw(persona, own, split, level, turns, header))
        return self._open(drawn)

    def resume(self, persona: Persona, dialogue: Dialogue) -> SimulatedClient:
        """The client of a dialogue that was written down, finished or not.

        Args:
            persona: The profile of that name.
            dialogue: Its record.

        Returns:
            The client, who goes on as they would have.

        Raises:
            InputError: The persona is another one.
        """
        if persona.key != dialogue.persona:
            raise InputError(f"dialogue: its persona is {dialogue.persona}, not {persona.key}")
        one = dialogue
        return SimulatedClient(
            one, write_script(persona, one.split, one.seed, one.risk, one.length)
        )

    def advance(
        self, clients: Sequence[SimulatedClient], replies: Sequence[str]
    ) -> list[SimulatedClient]:
        """Each client hears a reply and, unless it was the last one, says their next message.

        Args:
            clients: Clients who wait for a reply.
            replies: What each hears: the answer alone, without reasoning or tags.

        Returns:
            The clients one turn later, in the same order; those given stay as they are.

        Raises:
            TeacherError: The model that plays the clients gave no text for one of them.
            ValueError: Not one reply a client, or a client's dialogue has ended.
        """
        if len(clients) != len(replies):
            raise ValueError(f"{len(clients)} clients and {len(replies)} replies")
        if any(client.done for client in clients):
            raise ValueError("a client whose dialogue has ended hears nothing more")
        heard = [
            self._hear(client, reply, judged)
            for client, reply, judged in zip(
                clients, replies, self._judged(clients, replies), strict=True
            )
        ]
        spoken = iter(self._speak([one for one in heard if not one[0].at_end]))
        return [client.ended(state) if client.at_end else next(spoken) for client, state in heard]

    def close(self) -> None:
        """Ends the connections of a client that a model plays."""
        self._voice.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, clients: Sequence[SimulatedClient]) -> list[SimulatedClient]:
        bodies = [client.script.bodies[0].text for client in clients]
        read = self._axes(bodies) if bodies else []
        states = [
            state_after(client.script.client, [axes])
            for client, axes in zip(clients, read, strict=True)
        ]
        return self._speak(list(zip(clients, states, strict=True)))

    def _speak(self, waiting: Sequence[tuple[SimulatedClient, State]]) -> list[SimulatedClient]:
        """Gives each client in a new state their next message."""
        drafts = [next_draft(one.script, one.dialogue, self._words) for one, _ in waiting]
        orders = [
            client.order(state, draft)
            for (client, state), draft in zip(waiting, drafts, strict=True)
        ]
        return [
            client.said(said, state, draft)
            for (client, state), draft, said in zip(
                waiting, drafts, self._voice.say(orders), strict=True
            )
        ]

    def _hear(
        self, client: SimulatedClient, reply: str, judged: Judged
    ) -> tuple[SimulatedClient, State]:
        """The client with the reply, and the state in which it leaves them."""
        dialogue = client.dialogue
        earlier = [turn.reply for turn in dialogue.turns if turn.reply]
        heard = self.listening.hear(judged, fresh_share(reply, earlier))
        state, came = dialogue.turns[-1].state, dialogue.turns[0].state.affect
        affect = self.listening.move(state.affect, came, heard, dialogue.style)
        answered = replace(client, dialogue=dialogue.closed(reply, heard))
        return answered, state.after(polarity(affect, came), affect)

    def _judged(self, clients: Sequence[SimulatedClient], replies: Sequence[str]) -> list[Judged]:
        items = [
            Item(one.dialogue.messages(one.number), reply, one.dialogue.risk_at(one.number), state)
            for one, reply in zip(clients, replies, strict=True)
            for state in (one.state,)
        ]
        judged = self.judge.score(items)
        again = [
            place
            for place, (client, one) in enumerate(zip(clients, judged, strict=True))
            if one.veto == MISSED_RULE and client.dialogue.taken_up
        ]
        milder = self.judge.score([replace(items[place], risk=TAKEN_UP) for place in again])
        for place, one in zip(again, milder, strict=True):
            judged[place] = one
        return judged

    def _axes(self, texts: Sequence[str]) -> list[list[float]]:
        from emp_plugins import judges
        from emp_plugins.affect import hourglass

        config = self.judge.config
        emotion = judges.load("emotion", config.judge_specs.get("emotion"))
        return hourglass.dimensions(
            emotion.score(texts), hourglass.matrix(dict(config.matrix))
        ).tolist()
