"""What the failures of a request mean: ask again, give this order up, or stop."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from types import ModuleType
from typing import Any

from emp_datagen.teachers.address import Address
from emp_datagen.teachers.agent import TeacherError
from emp_plugins.errors import InputError

PASSING = (408, 409, 425, 429)
"""Statuses that another attempt may not meet again; so are those from 500 on."""

FILTERS = ("content_filter", "content_policy_violation", "moderation")
"""Error codes of content filters: crisis talk is what they catch."""

NAMED = (
    *("unsupported_parameter", "unsupported_value", "context_length_exceeded"),
    *("temperature", "max_tokens", "max_completion_tokens", "messages", "n"),
)
"""Codes and parameters of a refusal that are told to the user; others could hold client text."""


class Busy(Exception):
    """No text this time. The message says why and quotes nothing.

    Attributes:
        wait_s: Seconds that the server asked to wait, or None.
    """

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Refused(TeacherError):
    """The endpoint will not answer this order, however often it is asked.

    Attributes:
        status: Of the response; 0 where a content filter held the text back.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


def failure(error: Exception, sdk: ModuleType, address: Address, timeout: float) -> Exception:
    """What to raise for an exception of a request.

    Args:
        error: What the SDK raised.
        sdk: The SDK's module: ``openai`` or ``anthropic``, whose exceptions have the same names.
        address: Where the request went.
        timeout: Seconds that the request had.

    Returns:
        `Busy` where another attempt may succeed, `Refused` for this order alone, an `InputError`
        where no order can succeed; the exception itself where it is none of the endpoint's.
    """
    if isinstance(error, Busy | Refused):
        return error
    if isinstance(error, TimeoutError | sdk.APITimeoutError):
        return Busy(f"no answer within {timeout:g} s")
    if isinstance(error, sdk.APIConnectionError):
        return Busy(f"no connection ({type(error.__cause__ or error).__name__})")
    if isinstance(error, sdk.APIStatusError):
        return _of_status(error.response, error.body, address)
    if isinstance(error, UnicodeEncodeError):
        return Refused("text that is not Unicode")
    if isinstance(error, ValueError | RecursionError | sdk.APIResponseValidationError):
        return Busy("not a chat completion")
    return error


def _of_status(response: Any, body: Any, address: Address) -> Exception:
    status, said = response.status_code, _error(body)
    codes = [said.get(key) for key in ("code", "type", "param")]
    if any(code in FILTERS for code in codes):
        return Refused("content filter")
    if "insufficient_quota" in codes or status == 402:
        return InputError(f"teacher: status {status}: the account at {address.url} has no credit")
    if status in PASSING or status >= 500:
        return Busy(f"status {status}", retry_after(response.headers))
    if 300 <= status < 400 or status in (401, 403, 404, 405):
        return InputError(_advice(status, address))
    told = ", ".join(code for code in codes if code in NAMED)
    return Refused(f"status {status} ({told})" if told else f"status {status}", status)


def _advice(status: int, address: Address) -> str:
    start = f"teacher: status {status}: "
    if status in (401, 403):
        named = "is refused" if address.has_key else "is empty or unset"
        return (
            f"{start}the key in the environment variable {address.key_env} {named}; "
            f"set it to a key for {address.url}"
        )
    if status < 400:
        return f"{start}redirects are not followed; give the final URL instead of {address.url}"
    hint = "; the base_url usually ends in /v1" if address.kind == "openai" else ""
    return f"{start}{address.url} has no such path or no model {address.model!r}{hint}"


def _error(body: Any) -> Mapping[str, Any]:
    error = body.get("error", body) if isinstance(body, dict) else {}
    if not isinstance(error, dict):
        return {}
    return {key: value for key, value in error.items() if isinstance(value, str)}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header, which holds a number or a date.

    Args:
        headers: Of the response.

    Returns:
        The seconds, at least 0; None where there is no such header or it cannot be read.

    Example:
        >>> retry_after({"retry-after": "1.5"}), retry_after({"retry-after": "soon"})
        (1.5, None)
        >>> retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})
        0.0
    """
    header = headers.get("retry-after") or ""
    with contextlib.suppress(ValueError):
        seconds = float(header)
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    with contextlib.suppress(ValueError, OverflowError):
        return max(parsedate_to_datetime(header).timestamp() - time(), 0.0)
    return None
