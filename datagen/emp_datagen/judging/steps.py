"""The state, the judges and the choice of a pair as distilabel steps for pipelines of your own.

This module imports distilabel, because its classes derive from distilabel's; import it under
`emp_datagen.teachers.quiet_import`, which keeps distilabel's traceback hook out.

A row that cannot be worked on does not void its batch: its column ``dropped`` says why, without
quoting it, its other new columns are None, and the steps after this one leave it alone.
"""

# No `from __future__ import annotations`: distilabel looks for StepInput itself in signatures.

from collections.abc import Sequence
from typing import Any, Literal

from distilabel.mixins.runtime_parameters import RuntimeParameter
from distilabel.steps.base import Step, StepInput
from distilabel.typing import StepColumns, StepOutput
from pydantic import Field, PrivateAttr

from emp_datagen.client import target_axis
from emp_datagen.judging.clinical import ClinicalJudge, Item
from emp_datagen.judging.rows import Row, Told, candidates_of, each, items_of, told
from emp_datagen.judging.select import (
    MAX_LENGTH_RATIO,
    MIN_MARGIN,
    Candidate,
    Dropped,
    Rule,
    Select,
    select,
)
from emp_plugins.affect.state import State, render


class AffectiveStateStep(Step):
    """Reads the state of the client who speaks in a prompt.

    Attributes:
        judges: ``judges`` as in a recipe's block; empty for the embedded ones.
        style: Style of the state header.

    Input columns:
        - prompt (`str` or chat messages): The client's message last.
        - user (`dict`, optional): Attributes of the client, such as ``diagnosis``.
        - history (`list[float]`, optional): Polarity of earlier turns, oldest first; without it
          the client's earlier turns in the prompt are read.

    Output columns:
        - state (`dict`): s_t as ``user``, ``history`` and ``affect``, to two decimals.
        - polarity (`float`): Of the last message, in [-1, 1].
        - target (`str`): The axis in deficit.
        - risk (`int`): The gravest level in the client's turns, 0 to 4, by both readers.
        - header (as ``prompt``): The prompt with the state header over its last message.
        - dropped (`str`): Why the row could not be read, or None.
    """

    judges: dict[str, Any] = {}
    style: Literal["full", "short"] = "full"
    _judge: Any = PrivateAttr(None)

    @property
    def inputs(self) -> StepColumns:
        """The columns that are read."""
        return {"prompt": True, "user": False, "history": False, "dropped": False}

    @property
    def outputs(self) -> StepColumns:
        """The columns that are added."""
        return ["state", "polarity", "target", "risk", "header", "dropped"]

    def load(self) -> None:
        """Loads the judges' settings."""
        super().load()
        self._judge = ClinicalJudge({"judges": self.judges})

    def process(self, inputs: StepInput) -> StepOutput:
        """Adds the state to each row.

        Args:
            inputs: The rows.

        Yields:
            The rows with the new columns.
        """
        if self._judge is None:
            self.load()
        yield each(inputs, self.outputs, told, self._read)

    def _read(self, asked: Sequence[Told]) -> list[Row]:
        from emp_plugins import judges
        from emp_plugins.affect import hourglass
        from emp_plugins.rewards.client import read

        config = self._judge.config
        emotion, danger = (
            judges.load(kind, config.judge_specs.get(kind)) for kind in ("emotion", "risk")
        )
        texts = [text for one in asked for text in one.client]
        dims = hourglass.dimensions(emotion.score(texts), hourglass.matrix(config.matrix))
        affects = [[_two(value) for value in row] for row in dims]
        polarities = [_two(value) for value in hourglass.polarity(affects)]
        turns = zip(affects, polarities, read(texts, danger.score(texts)), strict=True)
        return [self._row(one, [next(turns) for _ in one.client]) for one in asked]

    def _row(self, one: Told, turns: Sequence[Any]) -> Row:
        affect, polarity, _ = turns[-1]
        earlier = [seen for _, seen, _ in turns[:-1]] if one.history is None else one.history
        state = State(one.user, tuple(earlier)).after(polarity, affect)
        last = render(state, one.client[-1], self.style)
        head = [*one.messages[:-1], {**one.messages[-1], "content": last}]
        return {
            "state": state.to_row(),
            "polarity": polarity,
            "target": target_axis(state),
            "risk": max(risk.level for _, _, risk in turns),
            "header": last if one.plain else head,
        }


class JudgeStep(Step):
    """Scores replies with the rewards of training.

    Attributes:
        judges: As in a recipe's ``empathy:`` block; empty for the embedded ones.
        rewards: As in a recipe's ``empathy:`` block; empty for ``default.yml``.

    Input columns:
        - prompt (`str` or chat messages): What the replies answer.
        - generations (`list[str]`): The replies; or ``generation``, one or a list, as
          distilabel's ``TextGeneration`` writes it. None stands for a reply that failed.
        - state (`dict`, optional): As `AffectiveStateStep` writes it; else read from the words.
        - risk (`int`, optional): The client's risk level; else read from the words.

    Output columns:
        - scores (`list[dict]`): What the judges say of each reply; None for one that failed.
        - dropped (`str`): Why the row could not be judged, or None.
    """

    judges: dict[str, Any] = {}
    rewards: dict[str, Any] = {}
    _judge: Any = PrivateAttr(None)

    @property
    def inputs(self) -> StepColumns:
        """The columns that are read."""
        optional = ("generations", "generation", "state", "risk", "dropped")
        return {"prompt": True, **dict.fromkeys(optional, False)}

    @property
    def outputs(self) -> StepColumns:
        """The columns that are added."""
        return ["scores", "dropped"]

    def load(self) -> None:
        """Makes the judge.

        Raises:
            InputError: ``judges`` or ``rewards`` has a mistake.
        """
        super().load()
        self._judge = ClinicalJudge({"judges": self.judges, "rewards": self.rewards})

    def process(self, inputs: StepInput) -> StepOutput:
        """Adds the scores to each row.

        Args:
            inputs: The rows.

        Yields:
            The rows with the new columns.
        """
        if self._judge is None:
            self.load()
        yield each(inputs, self.outputs, items_of, self._score)

    def _score(self, rows: Sequence[list[Item | None]]) -> list[Row]:
        found = iter(self._judge.score([item for row in rows for item in row if item]))
        return [{"scores": [next(found).to_row() if i else None for i in row]} for row in rows]


class ClinicalPreferenceStep(Step):
    """Chooses a pair from judged replies, or says why there is none.

    Attributes:
        select: ``label``: the first reply without an error against the first one with one, where
            the judges confirm it; ``judge``: the best allowed reply against the worst one.
        min_margin: Least difference of the totals.
        max_length_ratio: Most difference of the lengths, in words.

    Input columns:
        - generations (`list[str]`): The replies; or ``generation``, as in `JudgeStep`.
        - scores (`list[dict]`): As `JudgeStep` writes them.
        - errors (`list[str]`, optional): The clinical error of each reply; empty or None for a
          good one. ``label`` needs it.

    Output columns:
        - chosen (`str`): The better reply.
        - rejected (`str`): The worse reply.
        - margin (`float`): Difference of their totals.
        - error (`str`): The clinical error of the rejected reply, or None.
        - dropped (`str`): ``vetoed``, ``disagree``, ``tie``, ``margin``, ``length``, or what is
          wrong with the row; None where there is a pair.
    """

    select: RuntimeParameter[Select] = Field(default="label", description="label or judge.")
    min_margin: RuntimeParameter[float] = Field(
        default=MIN_MARGIN, description="Least difference of the totals."
    )
    max_length_ratio: RuntimeParameter[float] = Field(
        default=MAX_LENGTH_RATIO, description="Most difference of the lengths, in words."
    )

    @property
    def inputs(self) -> StepColumns:
        """The columns that are read."""
        optional = ("generations", "generation", "errors", "dropped")
        return {"scores": True, **dict.fromkeys(optional, False)}

    @property
    def outputs(self) -> StepColumns:
        """The columns that are added."""
        return ["chosen", "rejected", "margin", "error", "dropped"]

    def process(self, inputs: StepInput) -> StepOutput:
        """Adds the pair to each row.

        Args:
            inputs: The rows.

        Yields:
            The rows with the new columns.
        """
        rule = Rule(self.select, self.min_margin, self.max_length_ratio)
        yield each(
            inputs,
            self.outputs,
            lambda row: candidates_of(row, rule),
            lambda rows: [_pair(candidates, rule) for candidates in rows],
        )


def _pair(candidates: list[Candidate], rule: Rule) -> Row:
    found = select(candidates, rule)
    if isinstance(found, Dropped):
        return {"dropped": found.reason}
    return {
        "chosen": found.chosen.text,
        "rejected": found.rejected.text,
        "margin": _two(found.margin, 4),
        "error": found.rejected.error or None,
    }


def _two(value: float, digits: int = 2) -> float:
    # Adding 0.0 turns -0.0 into 0.0, which is written differently.
    return round(float(value), digits) + 0.0
