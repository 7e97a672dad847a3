"""Whether the words around a disclosure take it away from the client or from now."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from emp_plugins.safety.text import compiled, expand, table

_SENTENCE_END = re.compile(r"[.!?;\n]+(?:\s|$)")
_CLAUSE_END = re.compile(
    r"[.!?;:,()\n-]+(?:\s|$)|(?<!\w)(?:but|though|although|however|because|yet)(?!\w)"
)
_FIRST_PERSON = re.compile(r"(?<!\w)(?:i|me|my|myself|mine)(?!\w)")


@dataclass(frozen=True)
class Context:
    """The compiled rows of ``tables/context.yml``; each is described there."""

    negation: re.Pattern[str]
    double_negation: re.Pattern[str]
    negation_void_after: re.Pattern[str]
    negation_void_in: re.Pattern[str]
    answered_no: re.Pattern[str]
    subjects: re.Pattern[str]
    told: re.Pattern[str]
    others_after: re.Pattern[str]
    bereaved: re.Pattern[str]
    reported: re.Pattern[str]
    for_a_friend: re.Pattern[str]
    long_past: re.Pattern[str]
    over: re.Pattern[str]
    past_tense: re.Pattern[str]
    recent: re.Pattern[str]
    denied: re.Pattern[str]
    topic: re.Pattern[str]
    work: re.Pattern[str]
    work_elsewhere: re.Pattern[str]
    personal: re.Pattern[str]
    accident: re.Pattern[str]

    def dismissal(self, text: str, start: int, end: int, own: bool = False) -> str | None:
        """Why a disclosure does not count.

        Args:
            text: Normalised text, idioms masked.
            start: Start of the words of disclosure.
            end: Their end.
            own: Whether negation is part of what the rule looks for and so means nothing.

        Returns:
            The reason, or None where it counts.
        """
        sentence = _last_end(_SENTENCE_END, text, start), _next_start(_SENTENCE_END, text, end)
        whole = text[sentence[0] : sentence[1]]
        before = text[sentence[0] : start]
        clause = text[_last_end(_CLAUSE_END, text, start) : start]
        found = text[start:end]
        if not own and self._negated(clause, before, text[end:]):
            return "negated"
        if self._of_another(found, before, clause, text, end):
            return "other_person"
        if self._past(text, whole, before + found):
            return "past_resolved"
        if self._work(text, whole, before, found, text[end : end + 2]):
            return "professional"
        if self.accident.search(whole):
            return "accident"
        return None

    def _negated(self, clause: str, before: str, after: str) -> bool:
        if self.answered_no.match(after):
            return True
        found = self.negation.search(clause)
        if not found or self.negation_void_after.match(after):
            return False
        if self.negation_void_in.search(before):
            return False
        return not self.double_negation.search(clause[: found.start()])

    def _of_another(self, found: str, before: str, clause: str, text: str, end: int) -> bool:
        if self.for_a_friend.search(text):
            return False
        if self.reported.search(before) or self.bereaved.search(before):
            return True
        if self.others_after.match(text, end):
            return True
        if _FIRST_PERSON.search(found):
            return False
        told = self.told.sub(" ", clause)
        named = [match.lastgroup for match in self.subjects.finditer(told)]
        return bool(named) and named[-1] == "other"

    def _past(self, text: str, sentence: str, lead: str) -> bool:
        if any(not self.denied.search(text, 0, m.start()) for m in self.recent.finditer(text)):
            return False
        if self.long_past.search(sentence):
            return True
        return bool(self.over.search(text) and self.past_tense.search(lead))

    def _work(self, text: str, sentence: str, before: str, found: str, after: str) -> bool:
        if not self.topic.search(found):
            return False
        here = self.work.search(sentence)
        if not (here or self.work_elsewhere.search(text)):
            return False
        if here and (before.rstrip("i ").endswith(('"', "'")) or after.startswith('"')):
            return True
        return not (_FIRST_PERSON.search(found) or self.personal.search(before))


def _last_end(pattern: re.Pattern[str], text: str, before: int) -> int:
    end = 0
    for match in pattern.finditer(text, 0, before):
        end = match.end()
    return end


def _next_start(pattern: re.Pattern[str], text: str, after: int) -> int:
    match = pattern.search(text, after)
    return match.start() if match else len(text)


@functools.cache
def context() -> Context:
    """The rules of ``tables/context.yml``, compiled once.

    Returns:
        The rules.
    """
    raw = table("context")
    fragments = raw.pop("fragments")
    patterns = {name: compiled(rows, fragments) for name, rows in raw.items() if name != "subjects"}
    subjects = "|".join(
        f"(?P<{who}>{'|'.join(expand(row, fragments) for row in rows)})"
        for who, rows in raw["subjects"].items()
    )
    return Context(subjects=re.compile(rf"(?<![\w'])(?:{subjects})(?!\w)"), **patterns)
