"""Rows as they come from a pipeline: checked one by one, so that a bad one spoils no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emp_datagen.judging.clinical import Item, Judged, NextState
from emp_datagen.judging.select import Candidate, Rule
from emp_plugins.affect.state import State, parse
from emp_plugins.errors import InputError

Row = dict[str, Any]
Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Told:
    """A row of `AffectiveStateStep`, checked.

    Attributes:
        messages: The conversation, the client's message last.
        client: The client's messages, without a state header.
        plain: Whether the prompt was text.
        user: Attributes of the client.
        history: Polarity of earlier turns; None where they must be read.
    """

    messages: Messages
    client: list[str]
    plain: bool
    user: Mapping[str, str]
    history: Sequence[float] | None


def each(
    rows: Sequence[Row],
    columns: Sequence[str],
    read: Callable[[Row], Any],
    answer: Callable[[list[Any]], list[Row]],
) -> list[Row]:
    """Adds columns to rows.

    Args:
        rows: The rows; one whose ``dropped`` says something is left alone.
        columns: The columns to add, ``dropped`` among them.
        read: Checks one row.
        answer: From what ``read`` gave to the new columns of each, in one batch.

    Returns:
        The rows. One that fails in ``read`` or ``answer`` has None in the new columns and the
        reason in ``dropped``.
    """
    made = [{**row, **dict.fromkeys(columns), "dropped": row.get("dropped")} for row in rows]
    items: dict[int, Any] = {}
    for number, row in enumerate(rows):
        if row.get("dropped"):
            continue
        try:
            items[number] = read(row)
        except Exception as error:
            made[number]["dropped"] = _reason(error)
    for number, found in zip(items, _answers(list(items.values()), answer), strict=True):
        made[number].update(found)
    return made


def _answers(items: list[Any], answer: Callable[[list[Any]], list[Row]]) -> Iterator[Row]:
    """The answers; where the batch fails its halves are tried, down to the row at fault."""
    try:
        yield from answer(items) if items else []
    except Exception as error:
        half = len(items) // 2
        if not half:
            yield {"dropped": _reason(error)}
            return
        yield from _answers(items[:half], answer)
        yield from _answers(items[half:], answer)


def _reason(error: Exception) -> str:
    # Only the messages of InputError are known not to quote what a client said.
    return str(error) if isinstance(error, InputError) else f"failed: {type(error).__name__}"


def told(row: Row) -> Told:
    """Checks a row of `AffectiveStateStep`.

    Raises:
        InputError: A column is missing or of another form.
    """
    messages = _messages(row)
    users = [parse(m["content"])[1] for m in messages if m["role"] == "user"]
    return Told(
        messages=messages,
        client=users,
        plain=isinstance(row["prompt"], str),
        user=State(row.get("user") or {}).user,
        history=None if row.get("history") is None else State({}, row["history"]).history,
    )


def _messages(row: Row) -> Messages:
    prompt = row.get("prompt")
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    if not isinstance(messages, list) or not all(map(_is_message, messages)):
        raise InputError("prompt: expected text or a list of chat messages")
    if not messages or messages[-1]["role"] != "user" or not messages[-1]["content"].strip():
        raise InputError("prompt: expected the client's message at its end")
    return messages


def _is_message(message: Any) -> bool:
    return (
        isinstance(message, Mapping)
        and isinstance(message.get("role"), str)
        and isinstance(message.get("content"), str)
    )


def _replies(row: Row) -> list[str | None]:
    found = row.get("generations")
    name = "generation" if found is None else "generations"
    found = row.get("generation") if found is None else found
    found = [found] if isinstance(found, str) else found
    if not isinstance(found, list) or not found:
        raise InputError(f"{name}: expected a list of replies")
    if not all(reply is None or isinstance(reply, str) for reply in found):
        raise InputError(f"{name}: expected text in every place")
    return [reply if reply and reply.strip() else None for reply in found]


def items_of(row: Row) -> list[Item | None]:
    """The replies of a row of `JudgeStep`, ready to be judged; None for one that failed.

    Raises:
        InputError: A column is missing or of another form.
    """
    messages, replies = _messages(row), _replies(row)
    state = row.get("state") and State.from_row(row["state"])
    risk = row.get("risk")
    if risk is not None and risk not in range(5):
        raise InputError("risk: expected a level from 0 to 4")
    return [reply and Item(messages, reply, risk, state) for reply in replies]


def candidates_of(row: Row, rule: Rule) -> list[Candidate]:
    """The judged replies of a row of `ClinicalPreferenceStep`, without those that failed.

    Raises:
        InputError: A column is missing or of another form, or there is nothing to choose from.
    """
    replies, scores, errors = _replies(row), row.get("scores"), row.get("errors")
    if errors is None and rule.select == "label":
        raise InputError("errors: missing; select: label needs the error of each reply")
    errors = [None] * len(replies) if errors is None else errors
    for name, values in (("scores", scores), ("errors", errors)):
        if not isinstance(values, list) or len(values) != len(replies):
            raise InputError(f"{name}: expected one for each of the {len(replies)} replies")
    found = [
        Candidate(reply, _judged(score), error or "")
        for reply, score, error in zip(replies, scores, errors, strict=True)
        if reply and score
    ]
    if rule.select == "label" and len({bool(one.error) for one in found}) < 2:
        raise InputError("errors: expected a good reply and one with an error")
    if len(found) < 2:
        raise InputError("generations: expected at least two replies")
    return found


def _judged(score: Mapping[str, Any]) -> Judged:
    after = NextState((), score["next_polarity"], score["next_risk"])
    return Judged(score["total"], score["rewards"], score["veto"], score["polarity"], after)
