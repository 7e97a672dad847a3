"""What of settings may stand in a file that others read: no key, no password, no private path."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\",}]+")
_SECRET = re.compile(r"key|token(?!iz)|secret|password|credential|header|auth", re.IGNORECASE)
_HIDDEN = "(hidden)"


def redacted(value: Any) -> Any:
    """A copy without secrets.

    Args:
        value: Mappings, lists and plain values, nested.

    Returns:
        The same, with user names, passwords and queries taken from URLs and the values of keys
        that name a secret replaced.

    Example:
        >>> redacted({"base_url": "https://me:pw@host/v1?k=1", "api_key": "sk-1"})
        {'base_url': 'https://host/v1', 'api_key': '(hidden)'}
    """
    if isinstance(value, Mapping):
        return {
            name: _HIDDEN if _is_secret(str(name), held) else redacted(held)
            for name, held in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(held) for held in value]
    return _URL.sub(_bare, value) if isinstance(value, str) else value


def redacted_command(line: str) -> str:
    """A command line without secrets and without folders of the machine that it ran on.

    Args:
        line: As the user typed it.

    Returns:
        The line; of absolute paths only the last part is left.

    Example:
        >>> redacted_command("emp-datagen pairs --out /home/me/a.jsonl --n 3")
        'emp-datagen pairs --out a.jsonl --n 3'
    """
    try:
        parts = shlex.split(line)
    except ValueError:  # an unfinished quote
        parts = line.split()
    return shlex.join(_part(part) for part in parts)


def _part(part: str) -> str:
    flag, equals, value = part.partition("=") if part.startswith("--") else ("", "", part)
    if equals and _SECRET.search(flag):
        return f"{flag}={_HIDDEN}"
    return f"{flag}{equals}{model(value)}"


def model(name: str) -> str:
    """The name of a model or file without credentials in its URL and without its folder.

    Example:
        >>> model("hf:/home/me/tiny"), model("openai:qwen@http://me:pw@host/v1")
        ('hf:tiny', 'openai:qwen@http://host/v1')
    """
    if "://" in name:
        return redacted(name)
    kind, colon, place = name.rpartition(":")
    if place.startswith(("/", "~")):
        return f"{kind}{colon}{PurePath(place).name}"
    return name


def _is_secret(name: str, held: Any) -> bool:
    return isinstance(held, str) and bool(held) and bool(_SECRET.search(name))


def _bare(match: re.Match[str]) -> str:
    try:
        parts = urlsplit(match[0])
    except ValueError:  # no valid host
        return _HIDDEN
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
