"""The callable that TRL gets: parses, gates, scores and logs around a formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emp_plugins.affect import hourglass, state
from emp_plugins.completion import Completion, Template, client_text, completion_text
from emp_plugins.rewards import formula, safety, table
from emp_plugins.rewards.batch import Batch, Scores


@dataclass(frozen=True)
class Reward:
    """One configured reward. Holds only plain values, so it pickles into any process.

    Attributes:
        name: Key in ``REWARDS``.
        params: That reward's validated parameters.
        template: The form of a reply.
        answer: ``tagged`` scores what stands between the answer tags and gives a completion
            without a well-formed answer the floor; ``whole`` scores all text.
        judges: Backend of each kind of judge.
        overrides: Rows of the affective matrix that the user replaced.
        gate: The safety parameters when unsafe replies get this reward's floor.
        table: The safety parameters by which this reward fills columns of TRL's table of
            completions (``rewards.table``); None where it does not, as all but one of a recipe.
    """

    name: str
    params: Any
    template: Template = field(default_factory=Template)
    answer: str = "tagged"
    judges: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Sequence[float]] = field(default_factory=dict)
    gate: safety.Params | None = None
    table: safety.Params | None = None

    @property
    def __name__(self) -> str:
        """The name that TRL writes in the logs."""
        return self.name

    @property
    def weight(self) -> float:
        """Weight in the total."""
        return self.params.weight

    @property
    def floor(self) -> float:
        """The value that none of this reward's values undercuts; finite, at most 0."""
        return formula(self.name).floor(self.params)

    def preflight(self) -> None:
        """Loads the judges that the formula needs.

        Raises:
            InputError: Weights are missing or unreadable.
            ImportError: A judge's package is not installed.
        """
        from emp_plugins import judges

        module = formula(self.name)
        optional = [kind for kind in getattr(module, "OPTIONAL", ()) if kind in self.judges]
        for kind in [*module.NEEDS, *optional]:
            judges.load(kind, self.judges.get(kind))

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        log_extra: Callable[..., None] | None = None,
        log_metric: Callable[..., None] | None = None,
        **columns: Any,
    ) -> list[float | None]:
        """Scores a batch.

        Args:
            prompts: Conversational or plain-string prompts.
            completions: As many completions, in the same format.
            log_extra: TRL's hook for columns of the completions table.
            log_metric: TRL's hook for scalars; gets the same keys on every call.
            **columns: The dataset's columns.

        Returns:
            One value a completion; None where the reward does not apply.

        Raises:
            ValueError: A judge gave a score that is not finite.
        """
        batch = make_batch(prompts, completions, columns, self)
        scores = self._scores(batch)
        if log_extra is not None and self.table is not None:
            for column, cells in table.columns(batch, self.table).items():
                log_extra(column, cells)
        if log_metric is not None:
            scored = self._scored(batch)
            for part, numbers in scores.parts.items():
                log_metric(f"{self.name}/{part}", _mean(numbers, scored))
        return list(scores.values)

    def explain(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> Scores:
        """Scores a batch and says why.

        Args:
            prompts: Conversational or plain-string prompts.
            completions: As many completions, in the same format.
            **columns: The dataset's columns.

        Returns:
            The values that a call gives, with the formula's parts and notes for each reply.
        """
        return self._scores(make_batch(prompts, completions, columns, self))

    def _scores(self, batch: Batch) -> Scores:
        scores: Scores = formula(self.name).score(batch, self.params, self.template)
        values = list(scores.values)
        self._check(values)
        values = [
            v if ok else self.floor for v, ok in zip(values, self._scored(batch), strict=True)
        ]
        if self.gate is not None:
            verdicts = safety.verdicts(batch, self.gate)
            values = [v if g.safe else self.floor for v, g in zip(values, verdicts, strict=True)]
        return Scores(values, scores.parts, scores.notes)

    def _scored(self, batch: Batch) -> list[bool]:
        every = formula(self.name).SCORES_MALFORMED
        return [bool(reply) or every for reply in batch.replies]

    def _check(self, values: Sequence[float | None]) -> None:
        for row, value in enumerate(values):
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{self.name}: the judge's score of reply {row} is {value}")


def make_batch(
    prompts: Sequence[Any],
    completions: Sequence[Any],
    columns: Mapping[str, Any],
    reward: Reward,
) -> Batch:
    """Takes prompts and completions apart for a formula.

    Args:
        prompts: Conversational or plain-string prompts.
        completions: As many completions.
        columns: The dataset's columns and TRL's extras; only lists of the batch's length are kept.
        reward: Says how to parse and what to score.

    Returns:
        The batch.
    """
    parsed = [reward.template.parse(completion_text(item)) for item in completions]
    size = len(parsed)
    return Batch(
        clients=[state.parse(client_text(prompt))[1] for prompt in prompts],
        replies=[reply_text(completion, reward.answer) for completion in parsed],
        completions=parsed,
        columns={k: v for k, v in columns.items() if isinstance(v, list) and len(v) == size},
        groups=_groups(prompts),
        matrix=hourglass.matrix(reward.overrides),
        specs=reward.judges,
    )


def reply_text(completion: Completion, answer: str) -> str:
    """The part of a completion that is scored.

    Args:
        completion: The completion.
        answer: ``tagged`` or ``whole``, as ``Reward.answer``.

    Returns:
        The answer; without one, all text where ``answer`` is ``whole``, else an empty text.
    """
    if answer == "whole" and completion.answer is None:
        return completion.text.strip()
    return completion.answer or ""


def _groups(prompts: Sequence[Any]) -> list[int]:
    keys = [str(prompt) for prompt in prompts]
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return [place[key] for key in keys]


def _mean(numbers: Sequence[float], scored: Sequence[bool]) -> float:
    """Mean over what was scored; nan where nothing was, so that every rank logs the same keys."""
    kept = [number for number, ok in zip(numbers, scored, strict=True) if ok]
    return sum(kept) / len(kept) if kept else math.nan
