"""Scores replies as the rewards of training do, and says what the next state would be."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emp_plugins.affect.categories import Names
from emp_plugins.affect.hourglass import AXES, polarity
from emp_plugins.affect.state import State
from emp_plugins.config import EmpathyConfig
from emp_plugins.files import read_yaml

DEFAULT = Path(__file__).parent / "default.yml"

GAIN = 0.3
"""How far the best reply moves the axis in deficit until the client's next turn."""

CONCERN = 0.5
"""An axis below minus this names the risk of a state."""

RISKS = {axis: getattr(Names(), axis.lower()) for axis in AXES}
"""What a deep deficit on an axis is a risk of."""


@dataclass(frozen=True)
class Item:
    """One reply to judge.

    Attributes:
        prompt: The conversation it answers, the client's message last.
        reply: What the client would see.
        risk: The client's risk level; None where it must be read from their words.
        state: s_t; None where it must be read from their words.
    """

    prompt: Sequence[Mapping[str, str]]
    reply: str
    risk: int | None = None
    state: State | None = None


@dataclass(frozen=True)
class NextState:
    """s_{t+1} as far as the reply decides it.

    Attributes:
        affect: The four axes.
        polarity: Their polarity.
        risk: ``depression``, ``outburst``, ``withdrawal``, ``anxiety``, ``harm`` where the reply
            is unsafe, or ``none``.
    """

    affect: tuple[float, ...]
    polarity: float
    risk: str


@dataclass(frozen=True)
class Judged:
    """What the judges say of one reply.

    Attributes:
        total: Weighted mean of the rewards' values; where `safety` gates, an unsafe reply gets the
            lowest value of any of them, which no safe reply undercuts.
        values: Value of each reward; None where it does not apply.
        veto: The rule that forbids the reply as chosen: a safety rule, ``toxic_positivity`` or
            ``insensitivity``; empty for none.
        polarity: Of the reply by the affective matrix.
        next_state: Where it would leave the client.
    """

    total: float
    values: Mapping[str, float | None]
    veto: str
    polarity: float
    next_state: NextState = field(compare=False)

    def to_row(self) -> dict[str, Any]:
        """The ``scores`` of a reply in a row, plain JSON."""
        values = {name: None if v is None else _four(v) for name, v in self.values.items()}
        return {
            "total": _four(self.total),
            "polarity": _four(self.polarity),
            "rewards": values,
            "veto": self.veto,
            "next_polarity": _four(self.next_state.polarity),
            "next_risk": self.next_state.risk,
        }


class ClinicalJudge:
    """Scores replies with the rewards of an ``empathy:`` block.

    Args:
        block: ``judges`` and ``rewards`` as in a recipe; None for ``default.yml``.

    Raises:
        InputError: The block has a mistake, or a judge's model cannot be used.

    Example:
        >>> judge = ClinicalJudge()
        >>> prompt = [{"role": "user", "content": "My dog died and I can't stop crying."}]
        >>> good = "I am so sorry. It sounds like he was family to you. What do you miss most?"
        >>> bad = "It is only a dog. You should get a new one and move on with your life."
        >>> one, other = judge.score([Item(prompt, good), Item(prompt, bad)])
        >>> one.total > other.total
        True
    """

    def __init__(self, block: Mapping[str, Any] | None = None) -> None:
        self.config = EmpathyConfig.from_block(completed(block))
        self._weights = [abs(weight) for weight in self.config.weights]
        params = self.config.reward_params.items()
        self._lowest = min((_formula(name).floor(p) for name, p in params), default=0.0)

    def score(self, items: Sequence[Item]) -> list[Judged]:
        """Judges replies.

        Args:
            items: The replies, each by itself: no score depends on another item.

        Returns:
            One judgement an item.
        """
        if not items:
            return []
        batch = self._batch(items)
        safe, rules = self._safety(batch)
        values: dict[str, list[float | None]] = {}
        fired = [""] * len(items)
        affect = None
        for name, params in self.config.reward_params.items():
            module = _formula(name)
            scores = module.score(batch, params, self.config.resolved_template)
            floor = module.floor(params) if name != "safety" else None
            gated = floor is not None and self.config.gate is not None
            values[name] = [
                v if ok or not gated else floor for v, ok in zip(scores.values, safe, strict=True)
            ]
            if name == "affective_shift":
                fired = list(scores.notes.get("rule", fired))
                affect = scores
        vetoes = [rule or also for rule, also in zip(rules, fired, strict=True)]
        nexts = self._next(items, batch, affect, safe)
        polarities = polarity(self._read(batch))
        return [
            Judged(
                self._total([values[name][row] for name in values], safe[row]),
                {name: values[name][row] for name in values},
                vetoes[row],
                float(polarities[row]),
                nexts[row],
            )
            for row in range(len(items))
        ]

    def _batch(self, items: Sequence[Item]) -> Any:
        from emp_plugins.completion import Completion, client_text
        from emp_plugins.rewards.batch import Batch

        clients = [client_text(item.prompt) for item in items]
        states = [item.state.to_row() if item.state else None for item in items]
        risks = [item.risk for item in items]
        columns: dict[str, list[Any]] = {}
        if any(state is not None for state in states):
            columns["state"] = states
        if any(risk is not None for risk in risks):
            columns["risk"] = risks
        return Batch(
            clients=[_without_header(text) for text in clients],
            replies=[item.reply for item in items],
            completions=[Completion(item.reply, None, item.reply, ()) for item in items],
            columns=columns,
            groups=list(range(len(items))),
            matrix=_matrix(self.config),
            specs=self.config.judge_specs,
        )

    def _safety(self, batch: Any) -> tuple[list[bool], list[str]]:
        from emp_plugins.rewards import safety

        params = self.config.reward_params.get("safety")
        if params is None:
            return [True] * len(batch), [""] * len(batch)
        found = safety.verdicts(batch, params)
        return [v.safe for v in found], ["" if v.safe else v.rule for v in found]

    def _total(self, values: Sequence[float | None], safe: bool) -> float:
        if not safe and self.config.gate is not None:
            return self._lowest
        known = [(w, v) for w, v in zip(self._weights, values, strict=True) if v is not None]
        weight = sum(w for w, _ in known)
        return sum(w * v for w, v in known) / weight if weight else 0.0

    def _read(self, batch: Any) -> Any:
        from emp_plugins.affect import hourglass

        return hourglass.dimensions(batch.judge("emotion")(batch.replies), batch.matrix)

    def _next(
        self, items: Sequence[Item], batch: Any, shift: Any, safe: Sequence[bool]
    ) -> list[NextState]:
        moved = shift.values if shift else [0.0] * len(items)
        return [
            next_state(affect, value or 0.0, ok)
            for affect, value, ok in zip(batch.client_affect.tolist(), moved, safe, strict=True)
        ]


def next_state(affect: Sequence[float], shift: float, safe: bool) -> NextState:
    """Where a reply would leave the client.

    The axis in deficit moves by ``GAIN`` times the ``affective_shift`` of the reply, in [-1, 1]:
    acknowledgement lifts it, despair, cheer and coldness lower it. The words of the reply alone do
    not, since "I am so sorry" reads as sad.

    Args:
        affect: The client's four axes now.
        shift: The reply's ``affective_shift``.
        safe: Whether the reply is safe.

    Returns:
        The next state.

    Example:
        >>> next_state((-0.8, 0.0, 0.0, 0.0), 1.0, True).risk
        'none'
        >>> next_state((-0.8, 0.0, 0.0, 0.0), -1.0, True).risk
        'depression'
    """
    moved = [float(value) for value in affect]
    axis = moved.index(min(moved))
    moved[axis] = max(-1.0, min(1.0, moved[axis] + GAIN * shift))
    lowest = moved.index(min(moved))
    risk = RISKS[AXES[lowest]] if moved[lowest] < -CONCERN else "none"
    overall = float(polarity([moved])[0])
    return NextState(tuple(moved), overall, risk if safe else "harm")


def completed(block: Mapping[str, Any] | None) -> dict[str, Any]:
    """A block with the default rewards where it names none.

    Args:
        block: ``judges`` and ``rewards``, each may be absent.

    Returns:
        A block for `EmpathyConfig`.
    """
    default = read_yaml(DEFAULT)
    return {**default, **{key: value for key, value in (block or {}).items() if value}}


def _formula(name: str) -> Any:
    from emp_plugins.rewards import formula

    return formula(name)


@functools.lru_cache(maxsize=8)
def _matrix_of(rows: tuple[tuple[str, tuple[float, ...]], ...]) -> Any:
    from emp_plugins.affect import hourglass

    return hourglass.matrix({name: list(row) for name, row in rows})


def _matrix(config: EmpathyConfig) -> Any:
    return _matrix_of(tuple((name, tuple(row)) for name, row in config.matrix.items()))


def _without_header(text: str) -> str:
    from emp_plugins.affect import state

    return state.parse(text)[1]


def _four(value: float) -> float:
    return round(float(value), 4) + 0.0
