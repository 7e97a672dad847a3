"""What a reply shows: its cues by sentence, weighed and joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from emp_plugins.rewards.language.cues.tables import Hit, Table, find
from emp_plugins.rewards.language.cues.trust import trust
from emp_plugins.rewards.language.text import aligned, spans

_QUESTION = re.compile(r"\?[.!?\"')\]* ]*$")
_FIRST_PERSON = re.compile(r"\b(?:i|i'?m|i'?ve|i'?d|me|my|myself|mine)\b\W*\w*")
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours|yourself|u|ur|ya)\b")

FURTHER = 0.5
"""Each further cue counts half as much as the one before, so that cues do not pile up."""

TOLERATED = 2
"""Sentences of the same cue from which on more are repetition."""


@dataclass(frozen=True)
class Evidence:
    """The cues of one reply.

    Attributes:
        client: The client's turn.
        reply: The reply.

    Example:
        >>> evidence = Evidence("I feel sad.", "I am so sorry. What happened?")
        >>> evidence.questions, [hit.cue.name for hit in evidence.hits("reactions")]
        ([False, True], ['sorrow', 'sorry'])
    """

    client: str
    reply: str

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """Start and end of each sentence in the reply."""
        return spans(self.reply)

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences, in the form that the tables are written for."""
        low = aligned(self.reply)
        return [low[start:end] for start, end in self.bounds]

    @cached_property
    def questions(self) -> list[bool]:
        """Whether each sentence ends as a question."""
        return [bool(_QUESTION.search(sentence)) for sentence in self.sentences]

    @cached_property
    def trust(self) -> list[float]:
        """How far each sentence may count."""
        return trust(aligned(self.client), self.sentences)

    @cached_property
    def distinct(self) -> float:
        """Share of sentences that are not said twice."""
        return len(set(self.sentences)) / len(self.sentences)

    @cached_property
    def about_self(self) -> list[bool]:
        """Whether each sentence speaks of the replier and not of the client."""
        return [
            bool(_FIRST_PERSON.search(text)) and not _SECOND_PERSON.search(text)
            for text in self.sentences
        ]

    @cached_property
    def harm(self) -> dict[str, float]:
        """What pulls the client down: cue name of ``harm.yml`` to strength, where one was found.

        Hopelessness that the reply only reports ("it feels as if nothing helps") does not count.
        """
        hits = self.hits("harm")
        reported = {hit.sentence for hit in hits if hit.cue.kind == "none"}
        return {
            hit.cue.name: hit.cue.strength
            for hit in hits
            if hit.cue.strength
            and not (hit.cue.name == "hopelessness" and hit.sentence in reported)
        }

    def hits(self, name: Table) -> tuple[Hit, ...]:
        """The cues of one table.

        Args:
            name: The table.

        Returns:
            Every hit, in the order of the text.
        """
        return find(self.reply, name)

    def by_cue(self, hits: Iterable[Hit]) -> dict[str, float]:
        """The weight of each cue: its strength in the sentence that counts most.

        Args:
            hits: Some of the reply's hits.

        Returns:
            Cue name to a weight in [0, 1].
        """
        best: dict[str, float] = {}
        for hit in hits:
            weight = hit.cue.strength * self.trust[hit.sentence]
            best[hit.cue.name] = max(best.get(hit.cue.name, 0.0), weight)
        return best

    def repetition(self, hits: Iterable[Hit]) -> float:
        """1, or less where one cue fills more than half of the sentences.

        Args:
            hits: Some of the reply's hits.

        Returns:
            A factor in (0, 1].
        """
        places: dict[str, set[int]] = {}
        for hit in hits:
            places.setdefault(hit.cue.name, set()).add(hit.sentence)
        most = max(map(len, places.values()), default=0)
        filled = most > TOLERATED and most > len(self.sentences) / 2
        return self.distinct * (TOLERATED / most if filled else 1.0)

    def told(self, stance: Sequence[Hit]) -> float:
        """How many different things the replier says of themselves, outside questions.

        Args:
            stance: Hits that only look like it: hedges, wishes, offers.

        Returns:
            A count, each weighed by its sentence's trust.
        """
        seen: dict[str, float] = {}
        for number, sentence in enumerate(self._without(stance)):
            for statement in _FIRST_PERSON.findall(sentence):
                seen[statement] = max(seen.get(statement, 0.0), self.trust[number])
        return sum(seen.values())

    def _without(self, hits: Iterable[Hit]) -> list[str]:
        """The statements with some hits blotted out; questions are empty."""
        kept = [
            "" if asks else text for asks, text in zip(self.questions, self.sentences, strict=True)
        ]
        for hit in hits:
            offset = self.bounds[hit.sentence][0]
            start, end = hit.start - offset, hit.end - offset
            text = kept[hit.sentence]
            kept[hit.sentence] = text[:start] + "." * (end - start) + text[end:] if text else ""
        return kept


def join(weights: Iterable[float]) -> float:
    """Joins weights of cues: a noisy-or in which each further cue counts half as much.

    ``1 - prod(1 - w_k / 2**k)`` with the weights in descending order, k from 0.

    Args:
        weights: Numbers in [0, 1].

    Returns:
        A number in [0, 1], never below the largest weight.

    Example:
        >>> join([0.5]), join([0.5, 0.5]), round(join([0.5] * 50), 3)
        (0.5, 0.625, 0.711)
    """
    missing = 1.0
    for rank, weight in enumerate(sorted(weights, reverse=True)):
        missing *= 1 - weight * FURTHER**rank
    return 1 - missing
