"""Replies with what each reward gives them, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from emp_plugins.affect import hourglass
from emp_plugins.completion import Template
from emp_plugins.rewards import safety
from emp_plugins.rewards.batch import Batch
from emp_plugins.rewards.reward import Reward, make_batch
from emp_tooling.score.replies import Reply
from emp_tooling.suites.suite import Member, Suite, asked, clean, wrap


@dataclass(frozen=True)
class Column:
    """One reward on all replies.

    Attributes:
        name: The reward's name.
        weight: Its weight in the total.
        values: N values as training would see them, behind the gate; None where it does not apply.
        parts: Terms of its formula, before the gate, N numbers each.
        notes: What it says of each reply, such as the rule that fired, N entries each; places in
            the text come with the words that stand there, see ``quoted``.
    """

    name: str
    weight: float
    values: Sequence[float | None]
    parts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    notes: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Scored:
    """All rewards on all replies.

    Attributes:
        replies: The N replies.
        columns: The rewards, in log order.
        totals: (N,) weighted sums; a reward without a value adds 0.
        gated: For each reply whether it failed safety, so that all other rewards gave their floor.
        client_affect: (N, 4) of the clients, in the order of ``hourglass.AXES``.
        reply_affect: (N, 4) of the replies.
    """

    replies: Sequence[Reply]
    columns: Sequence[Column]
    totals: np.ndarray
    gated: Sequence[bool]
    client_affect: np.ndarray
    reply_affect: np.ndarray

    def groups(self) -> dict[str, list[int]]:
        """Positions of the replies of each group, in order of appearance."""
        found: dict[str, list[int]] = {}
        for row, reply in enumerate(self.replies):
            found.setdefault(reply.group, []).append(row)
        return found


def score(suite: Suite, replies: Sequence[Reply]) -> Scored:
    """Scores replies, each by itself.

    A bare reply is put into the template first; one that holds any of its tags stays as it is.

    Args:
        suite: The recipe's rewards.
        replies: At least one reply.

    Returns:
        Values, parts and affect.

    Raises:
        InputError: A reward function of the user fails.
    """
    prompts = [asked(reply.prompt, str(row)) for row, reply in enumerate(replies)]
    texts = [in_form(suite.template, reply.text) for reply in replies]
    completions = [[{"role": "assistant", "content": text}] for text in texts]
    names = dict.fromkeys(name for reply in replies for name in reply.columns)
    columns = {name: [reply.columns.get(name) for reply in replies] for name in names}
    arguments = {"prompts": prompts, "completions": completions, **columns}
    rewards = [member.call for member in suite.members if isinstance(member.call, Reward)]
    batch = make_batch(prompts, completions, columns, rewards[0])
    found = [_column(member, arguments, batch) for member in suite.members]
    totals = np.zeros(len(replies))
    for column in found:
        totals += column.weight * np.array([value or 0.0 for value in column.values])
    gated = _gated(batch, rewards)
    return Scored(replies, found, totals, gated, *_affect(found, batch))


def in_form(template: Template, text: str) -> str:
    """A reply as the template wants it.

    Args:
        template: The recipe's template.
        text: A bare reply, or one in tags.

    Returns:
        The text itself where it holds a tag of the template, else the text in the template.

    Example:
        >>> in_form(Template(), "</answer> Hello.")
        '</answer> Hello.'
        >>> Template().parse(in_form(Template(), "Hello.")).answer
        'Hello.'
    """
    names = filter(None, (template.reasoning_tag, template.answer_tag))
    tagged = any(tag in text for name in names for tag in (f"<{name}>", f"</{name}>"))
    return text if tagged else wrap(template, text)


def quoted(note: Any, text: str) -> Any:
    """Adds to each place in a note the words that stand there.

    Args:
        note: What a reward says of a reply. A place is a list or tuple that begins with start and
            end, whole numbers, and goes on with names or nothing.
        text: What the places are in.

    Returns:
        The note with a tuple ``(words, *names)`` for each place, and lists for all other lists.

    Example:
        >>> quoted([[0, 5, "reactions", "sorry"]], "Sorry about that.")
        [('Sorry', 'reactions', 'sorry')]
    """
    if isinstance(note, dict):
        return {key: quoted(item, text) for key, item in note.items()}
    if not isinstance(note, list | tuple):
        return note
    start, end, *names = note if len(note) >= 2 else (None, None)
    if type(start) is type(end) is int and all(isinstance(name, str) for name in names):
        return text[start:end], *names
    return [quoted(item, text) for item in note]


def _column(member: Member, arguments: dict[str, Any], batch: Batch) -> Column:
    if not isinstance(member.call, Reward):
        return Column(member.name, member.weight, clean(member.call(**arguments)))
    scores = member.call.explain(**arguments)
    notes = {}
    for name, entries in scores.notes.items():
        texts = batch.clients if name.startswith("client") else batch.replies
        notes[name] = [quoted(*pair) for pair in zip(entries, texts, strict=True)]
    return Column(member.name, member.weight, clean(scores.values), scores.parts, notes)


def _gated(batch: Batch, rewards: Sequence[Reward]) -> list[bool]:
    gates = [r.params for r in rewards if r.name == "safety" and r.params.gate]
    if not gates:
        return [False] * len(batch)
    return [not verdict.safe for verdict in safety.verdicts(batch, gates[0])]


def _affect(columns: Sequence[Column], batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """The axes of clients and replies: those that a reward went by, else read from their words."""
    for column in columns:
        if column.name == "affective_shift" and {"client", "reply"} <= set(column.notes):
            return np.array(column.notes["client"]), np.array(column.notes["reply"])
    pairs = zip(batch.replies, batch.completions, strict=True)
    texts = [text or completion.text for text, completion in pairs]
    probabilities = batch.judge("emotion")(texts)
    return batch.client_affect, hourglass.dimensions(probabilities, batch.matrix)
