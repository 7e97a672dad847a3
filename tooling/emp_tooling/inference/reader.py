"""What a conversation shows: the client's state and the risk that they disclosed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emp_plugins.affect import hourglass
from emp_plugins.affect.categories import categorise
from emp_plugins.affect.disclosure import under_risk
from emp_plugins.affect.state import State, Style, render
from emp_plugins.config import EmpathyConfig
from emp_plugins.messages import with_system
from emp_plugins.rewards import client, safety
from emp_plugins.safety import Risk, resources
from emp_tooling.inference.reply import Reading, RiskSeen
from emp_tooling.inference.transcript import client_turns

Messages = Sequence[Mapping[str, str]]


class Reader:
    """Reads conversations by the judges of a recipe, many at a time."""

    def __init__(
        self,
        config: EmpathyConfig,
        *,
        style: Style | None,
        user: Mapping[str, str],
        locale: str | None = None,
    ) -> None:
        """Prepares to read.

        Args:
            config: The recipe's ``empathy:`` block.
            style: Of the state header over the client's last message; None for no header.
            user: u_t, attributes of the client such as ``diagnosis`` and ``severity``.
            locale: Where the client lives; None for the recipe's ``safety.locale``.

        Raises:
            InputError: Nothing is known for the locale, or an attribute is no text.
        """
        self._config, self._style = config, style
        self._nobody = State(user)
        self._resources = resources(locale or settings(config).locale)

    def read(self, conversations: Sequence[Messages]) -> list[Reading]:
        """Reads conversations.

        Args:
            conversations: Checked messages; each ends with the client's.

        Returns:
            One reading each.
        """
        turns = [client_turns(messages) for messages in conversations]
        flat = [turn for said in turns for turn in said]
        found = self._risks(flat)
        affects = iter(
            under_risk(affect, risk.level)
            for affect, risk in zip(self._affects(flat), found, strict=True)
        )
        risks = iter(found)
        return [
            self._reading(messages, [next(affects) for _ in said], [next(risks) for _ in said])
            for messages, said in zip(conversations, turns, strict=True)
        ]

    def _affects(self, turns: list[str]) -> list[list[float]]:
        import numpy as np

        matrix = hourglass.matrix(dict(self._config.matrix))
        read = hourglass.dimensions(self._judge("emotion").score(turns), matrix)
        return np.clip(read, -1.0, 1.0).tolist()  # as in the headers of the training data

    def _risks(self, turns: list[str]) -> list[Risk]:
        return client.read(turns, self._judge("risk").score(turns))

    def _judge(self, kind: str) -> Any:
        from emp_plugins import judges

        return judges.load(kind, self._config.judge_specs.get(kind))

    def _reading(
        self, messages: Messages, affects: list[list[float]], risks: list[Risk]
    ) -> Reading:
        state = self._nobody
        for affect, overall in zip(affects, hourglass.polarity(affects), strict=True):
            state = state.after(float(overall), affect)
        last = messages[-1]["content"]
        headed = last if self._style is None else render(state, last, self._style)
        prompt = with_system(
            [*messages[:-1], {"role": "user", "content": headed}], self._config.resolved_template
        )
        return Reading(state, self._seen(state, risks), last, tuple(map(dict, prompt)))

    def _seen(self, state: State, risks: list[Risk]) -> RiskSeen:
        gravest = max(reversed(risks), key=lambda risk: risk.level)  # the last of the gravest
        category = categorise(state.affect, self._config.categories)
        found = self._resources if gravest.level >= client.AT_RISK else ()
        return RiskSeen(gravest.level, gravest.rule, category, found)


def settings(config: EmpathyConfig) -> safety.Params:
    """The recipe's parameters of ``safety``, or the default ones."""
    return config.reward_params.get("safety") or safety.Params()
