"""What a reward's formula sees: one batch, already taken apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emp_plugins import judges
from emp_plugins.completion import Completion

if TYPE_CHECKING:
    import numpy as np

    from emp_plugins.rewards.language.cues.evidence import Evidence
    from emp_plugins.rewards.mechanisms import Mechanism


@dataclass(frozen=True)
class Scores:
    """What a formula returns.

    Attributes:
        values: One number a reply, or None where the reward does not apply.
        parts: Named terms of the formula, one list each of the same length, for the log.
        notes: What a reader of one score wants to know and no tracker can average, one list each
            of the same length: names of rules, quoted spans.
    """

    values: list[float | None]
    parts: Mapping[str, Sequence[float]]
    notes: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Replies to score, with what they answer.

    Attributes:
        clients: The client's last turn for each reply, without its state header.
        replies: The text to score for each; empty where the completion holds no answer.
        completions: The parsed completions.
        columns: The dataset's columns, one list each.
        groups: For each reply the number of its prompt; replies to one prompt share it.
        matrix: The affective matrix, (28, 4).
        specs: Which backend each kind of judge has.
    """

    clients: Sequence[str]
    replies: Sequence[str]
    completions: Sequence[Completion]
    columns: Mapping[str, Sequence[Any]]
    groups: Sequence[int]
    matrix: np.ndarray
    specs: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.replies)

    def judge(self, kind: str) -> Callable[..., np.ndarray]:
        """The scoring function of a judge: texts (or pairs) in, an array out."""
        return self.loaded(kind).score

    def loaded(self, kind: str) -> Any:
        """The judge itself, for its labels or range."""
        return judges.load(kind, self.specs.get(kind))

    def configured(self, kind: str) -> bool:
        """Whether the recipe names a judge of this kind that is not the embedded one."""
        return kind in self.specs and self.specs[kind].backend != "embedded"

    @cached_property
    def sentences(self) -> list[list[str]]:
        """The sentences of each reply."""
        from emp_plugins.rewards.language.text import sentences

        return [sentences(reply) for reply in self.replies]

    @cached_property
    def sentence_emotions(self) -> list[np.ndarray]:
        """Emotion probabilities of each reply's sentences, (sentences, 28) a reply."""
        import numpy as np

        flat = [sentence for row in self.sentences for sentence in row]
        scores = self.judge("emotion")(flat)
        ends = np.cumsum([len(row) for row in self.sentences])
        return np.split(scores, ends[:-1])

    @cached_property
    def evidence(self) -> list[Evidence]:
        """The cues of each reply."""
        from emp_plugins.rewards.language.cues.evidence import Evidence

        return [
            Evidence(said, reply) for said, reply in zip(self.clients, self.replies, strict=True)
        ]

    @cached_property
    def reactions(self) -> list[Mechanism]:
        """The warmth of each reply."""
        from emp_plugins.rewards.mechanisms import reactions

        return [
            reactions(evidence, emotions)
            for evidence, emotions in zip(self.evidence, self.sentence_emotions, strict=True)
        ]

    @cached_property
    def client_affect(self) -> np.ndarray:
        """The clients' affect, (N, 4): from the ``state`` column, else read from their words."""
        import numpy as np

        from emp_plugins.affect import hourglass

        read = hourglass.dimensions(self.judge("emotion")(self.clients), self.matrix)
        for row, state in enumerate(self.columns.get("state") or ()):
            if state and state.get("affect"):
                read[row] = np.asarray(state["affect"], dtype=float)
        return read
