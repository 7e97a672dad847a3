"""One request to an OpenAI-compatible endpoint, and what its failures mean."""

from __future__ import annotations

import contextlib
import ipaddress
import math
import os
from email.utils import parsedate_to_datetime
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emp_plugins.errors import InputError

if TYPE_CHECKING:
    import httpx

    from emp_plugins.judges.endpoint.llm import Spec
    from emp_plugins.judges.endpoint.prompt import Message

WHERE = "empathy.judges.llm"
"""Where the settings stand, for messages."""

PASSING = (408, 409, 425, 429)
"""Statuses that another attempt may not meet again; so are those from 500 on."""

OF_THIS_TEXT = ("content_filter", "content_policy_violation", "context_length_exceeded")
"""Error codes that concern one text, not the settings: crisis talk is what filters catch."""


class Busy(Exception):
    """No answer this time. The message says why and quotes nothing.

    Attributes:
        wait_s: What the server asked to wait, or None.
    """

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Refused(Exception):
    """The endpoint will not judge this text, however often it is asked."""


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this machine.

    Args:
        url: With scheme and host.

    Returns:
        True for ``localhost`` and loopback addresses.

    Example:
        >>> is_loopback("http://127.0.0.1:8000/v1"), is_loopback("https://api.openai.com/v1")
        (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connect(spec: Spec) -> httpx.AsyncClient:
    """Opens a client for one batch of verdicts.

    Args:
        spec: The endpoint; its key is read from the environment now and kept nowhere else.

    Returns:
        The client; it never follows a redirect, and goes through no proxy to a loopback address.

    Raises:
        InputError: The key holds a character that no header may hold.
    """
    import httpx

    key = os.environ.get(spec.api_key_env, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise InputError(f"{WHERE}.api_key_env: the key in this variable has a stray character")
    return httpx.AsyncClient(
        headers={"Authorization": f"Bearer {key}"} if key else {},
        timeout=None,  # each attempt has one deadline instead: a slow trickle must not outlive it
        limits=httpx.Limits(max_connections=spec.concurrency),
        trust_env=not is_loopback(spec.base_url),
    )


async def complete(client: httpx.AsyncClient, spec: Spec, messages: list[Message]) -> str:
    """Asks for one chat completion.

    Args:
        client: What ``connect`` gave.
        spec: The endpoint and the sampling.
        messages: The conversation.

    Returns:
        The answer's text; empty where the model gave none.

    Raises:
        Busy: Worth another attempt.
        Refused: This text gets no verdict.
        InputError: The settings are wrong; another attempt cannot help.
    """
    import anyio
    import httpx

    optional = {"max_tokens": spec.max_tokens, "temperature": spec.temperature, "seed": spec.seed}
    body = {"model": spec.model, "messages": messages, "stream": False}
    body |= {key: value for key, value in optional.items() if value is not None}
    url = f"{spec.base_url.rstrip('/')}/chat/completions"
    try:
        with anyio.fail_after(spec.timeout_s):
            response = await client.post(url, json=body)
    except TimeoutError:
        raise Busy(f"no answer within {spec.timeout_s:g} s") from None
    except httpx.RequestError as error:
        raise Busy(f"no connection ({type(error).__name__}: {error})") from None
    if response.status_code != 200:
        raise _failure(response, spec, messages)
    return _content(response)


def _content(response: httpx.Response) -> str:
    try:
        content = response.json()["choices"][0]["message"].get("content")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Busy("the answer is not a chat completion") from None
    return content if isinstance(content, str) else ""


def _failure(response: httpx.Response, spec: Spec, messages: list[Message]) -> Exception:
    status, error = response.status_code, _error(response)
    if error.get("code") in OF_THIS_TEXT:
        return Refused(f"refused by the endpoint: {error['code']}")
    if status in PASSING or status >= 500:
        return Busy(f"status {status}", _wait(response.headers.get("retry-after")))
    return InputError(_advice(status, spec) + _quoted(error, messages))


def _advice(status: int, spec: Spec) -> str:
    if status in (401, 403):
        named = "is refused" if os.environ.get(spec.api_key_env) else "is empty or unset"
        return (
            f"{WHERE}: status {status}: the key in the environment variable that api_key_env names "
            f"{named}; set it to a key for {spec.base_url}"
        )
    if status == 404:
        return (
            f"{WHERE}: status 404: {spec.base_url} has no chat/completions or no model "
            f"{spec.model!r}; base_url usually ends in /v1"
        )
    if 300 <= status < 400:
        return f"{WHERE}: status {status}: redirects are not followed; put the final base_url"
    return (
        f"{WHERE}: status {status}: the endpoint rejects the request; compare model, max_tokens, "
        "temperature and seed with what it takes (null leaves one out)"
    )


def _error(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return {}
    error = body.get("error", body) if isinstance(body, dict) else {}
    return error if isinstance(error, dict) else {"message": error}


def _quoted(error: dict[str, Any], messages: list[Message]) -> str:
    """The server's own words, unless they could repeat the client's."""
    said = " ".join(str(error.get("message") or error.get("detail") or "").split())[:200]
    # The first message is ours; the rest holds the dialogue.
    texts = " ".join(" ".join(message["content"].split()) for message in messages[1:])
    pieces = (said[at : at + 12] for at in range(max(len(said) - 11, 1)))
    return f" (it says: {said})" if said and not any(piece in texts for piece in pieces) else ""


def _wait(header: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds a number or a date."""
    if not header:
        return None
    with contextlib.suppress(ValueError):
        seconds = float(header)
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    with contextlib.suppress(ValueError, OverflowError):
        return max(parsedate_to_datetime(header).timestamp() - time(), 0.0)
    return None
