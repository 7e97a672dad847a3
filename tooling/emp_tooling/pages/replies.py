"""A prompt with replies to it side by side, and the passages that rules and measures found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from emp_tooling.pages import texts
from emp_tooling.pages.page import Mood

PROTOCOL = "protocol."
LIGHT = re.compile(r"partial_protocol|false_alarm|fault\.")
"""Rules that only lower the share of the protocol: the reply counts as safe."""

MOST_CUES = 5


@dataclass(frozen=True)
class Reply:
    """One reply and what is known of it.

    Attributes:
        text: The completion.
        spans: Places in the text, and what was found there: a safety rule, a part of the risk
            protocol or a cue of empathy.
        problems: Why it is malformed.
        rule: The safety rule that fired; empty where none did.
        notes: Other things to say of it.
    """

    text: str
    spans: tuple[texts.Span, ...] = ()
    problems: tuple[str, ...] = ()
    rule: str = ""
    notes: tuple[str, ...] = ()

    def faulty(self, name: str) -> bool:
        """Whether what was found in a place is a fault of the reply, and no sign of empathy."""
        alarm = self.rule == "false_alarm" and name.startswith(PROTOCOL)
        return alarm or name == self.rule


@dataclass(frozen=True)
class Sample:
    """One prompt with replies to it.

    Attributes:
        client: The client's last message.
        facts: Persona, risk and the like, as short texts.
        replies: What to call each reply, and the reply.
    """

    client: str
    facts: tuple[str, ...]
    replies: tuple[tuple[str, Reply], ...]


def beside(sample: Sample) -> str:
    """A sample as a card.

    Args:
        sample: The sample.

    Returns:
        HTML.
    """
    sides = texts.columns(texts.heading(name) + _reply(reply) for name, reply in sample.replies)
    chips = texts.chips((fact, "") for fact in sample.facts)
    client = texts.passage(escape(sample.client), quote=True)
    return f'<article class="card">{chips}{client}{sides}</article>'


def in_completion(
    text: str, answer: str | None, spans: Sequence[Sequence[object]]
) -> tuple[texts.Span, ...]:
    """Places in an answer as places in its completion.

    Args:
        text: The completion.
        answer: Its answer; None where none could be told apart and the places are in the whole.
        spans: Start, end and name of each.

    Returns:
        The same places, counted from the begin of the completion.

    Example:
        >>> in_completion("<answer>Hi.</answer>", "Hi.", [[0, 2, "greeting"]])
        ((8, 10, 'greeting'),)
    """
    offset = max(text.rfind(answer), 0) if answer else 0
    return tuple((int(start) + offset, int(end) + offset, str(name)) for start, end, name in spans)


def _reply(reply: Reply) -> str:
    text = texts.marked(reply.text, reply.spans, filter(reply.faulty, _cues(reply)))
    text = re.sub(r"&lt;/?[\w.-]+&gt;", r'<span class="tag">\g<0></span>', text)
    return texts.passage(text or "<em>(empty)</em>") + texts.chips(_chips(reply))


def _chips(reply: Reply) -> Iterator[tuple[str, Mood]]:
    yield ("malformed", "bad") if reply.problems else ("well-formed", "good")
    yield from ((problem, "") for problem in reply.problems[:3])
    if reply.rule:
        yield _words(reply.rule), "note" if LIGHT.match(reply.rule) else "bad"
    cues = [name for name in _cues(reply) if not reply.faulty(name)]
    yield from ((_words(name), "note") for name in cues[:MOST_CUES])
    yield from ((note, "") for note in reply.notes)


def _cues(reply: Reply) -> list[str]:
    return list(dict.fromkeys(name for *_, name in reply.spans))


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", ": ")
