"""The OpenAI protocol as far as replies need it: requests, answers, and what failures mean."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emp_datagen.teachers.failures import FILTERS, NAMED, PASSING, Busy, retry_after
from emp_plugins.errors import InputError
from emp_tooling.models.endpoint.place import Place

TOO_LONG = "context_length_exceeded"
NOT_A_COMPLETION = "not a chat completion"
_NO_SYSTEM = re.compile(r"system (?:role|message)s? (?:is |are )?not (?:supported|allowed)", re.I)


class HeldBack(Exception):
    """A content filter of the endpoint held the reply back: crisis talk is what they catch."""


class SystemRefused(Exception):
    """The chat template of the endpoint's model takes no system message."""


def failure(status: int, headers: Mapping[str, str], body: str, place: Place) -> Exception:
    """What a response other than 200 means.

    Args:
        status: Of the response.
        headers: Of the response.
        body: Of the response; only its error codes are quoted, its words could be the client's.
        place: Where the request went.

    Returns:
        ``Busy`` where another attempt may succeed, ``HeldBack`` or ``SystemRefused``, or an
        ``InputError`` where no attempt can.
    """
    error = _error(body)
    codes = [error.get(key) for key in ("code", "type", "param")]
    if any(code in FILTERS for code in codes):
        return HeldBack("content filter")
    if _NO_SYSTEM.search(str(error.get("message") or error.get("detail") or "")):
        return SystemRefused("no system message")
    if "insufficient_quota" in codes or status == 402:
        return InputError(f"{place.name}: status {status}: the account has no credit")
    if status in PASSING or status >= 500:
        return Busy(f"status {status}", retry_after(headers))
    return InputError(f"{place.name}: status {status}: {_advice(status, codes, place)}")


def content(body: str) -> str:
    """The reply in the body of a response.

    Args:
        body: A chat completion.

    Returns:
        The text; empty where the model wrote nothing.

    Raises:
        Busy: It is no chat completion.
        HeldBack: A content filter held it back.
    """
    choice = _choice(body)
    if choice.get("finish_reason") == "content_filter":
        raise HeldBack("content filter")
    message = choice.get("message")
    if not isinstance(message, dict):
        raise Busy(NOT_A_COMPLETION)
    return _text(message)


def pieces(lines: Iterable[str]) -> Iterator[str]:
    """The pieces of a reply in a stream of server-sent events.

    Args:
        lines: Of the response.

    Yields:
        Pieces of text, none of them empty.

    Raises:
        Busy: An event is no part of a chat completion, or the stream ends before the reply does.
    """
    finished = False
    for line in lines:
        data = line.removeprefix("data:").strip()
        if not line.startswith("data:") or not data:
            continue  # comments that keep the connection, names of events, blank lines
        if data == "[DONE]":
            return
        choice = _choice(data, may_be_empty=True)
        finished = finished or bool(choice.get("finish_reason"))
        delta = choice.get("delta")
        if isinstance(delta, dict) and (text := _text(delta)):
            yield text
    if not finished:
        raise Busy("the connection ended before the reply did")


def request(
    place: Place, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any], stream: bool
) -> str:
    """The body of a request, in ASCII, so that no text can fail to be encoded.

    Args:
        place: Names the model.
        messages: The conversation.
        fields: Sampling and seed.
        stream: Whether the reply is wanted piece by piece.

    Returns:
        JSON.
    """
    said = [{"role": each["role"], "content": each["content"]} for each in messages]
    return json.dumps({"model": place.model, "messages": said, "stream": stream, **fields})


def _choice(body: str, may_be_empty: bool = False) -> dict[str, Any]:
    try:
        choices = json.loads(body)["choices"]
        choice = {} if may_be_empty and not choices else choices[0]
    except (ValueError, LookupError, TypeError, RecursionError):
        choice = None
    if not isinstance(choice, dict):
        raise Busy(NOT_A_COMPLETION)
    return choice


def _text(message: Mapping[str, Any]) -> str:
    text = message.get("content")
    return text if isinstance(text, str) else ""


def _error(body: str) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    error = read.get("error", read) if isinstance(read, dict) else {}
    return error if isinstance(error, dict) else {"message": error}


def _advice(status: int, codes: Sequence[Any], place: Place) -> str:
    if status in (401, 403):
        named = "is refused" if os.environ.get(place.key_env) else "is empty or unset"
        return (
            f"the key in the environment variable {place.key_env} {named}; "
            "set it to a key for this endpoint"
        )
    if 300 <= status < 400:
        return "redirects are not followed; give the final URL"
    if status in (404, 405):
        return "no such path or model there; the URL usually ends in /v1"
    if TOO_LONG in codes:
        return "the conversation and the longest reply do not fit its context; shorten either"
    told = ", ".join(str(code) for code in codes if code in NAMED)
    return "it refuses the request" + (f" ({told})" if told else "; compare the sampling settings")
