"""Where a teacher behind an endpoint is, and the key that it takes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from emp_plugins.errors import InputError
from emp_plugins.judges.endpoint.client import is_loopback

DEFAULTS = {
    "openai": ("https://api.openai.com/v1", "OPENAI_API_KEY"),
    "anthropic": ("https://api.anthropic.com", "ANTHROPIC_API_KEY"),
}
"""Kind -> URL where none is given, and the environment variable with the key."""

NO_KEY = "none"
"""Sent to loopback servers where no key is set: the SDKs insist on one."""

_MODEL_AT_URL = re.compile(r"(?P<model>.+?)(?:@(?P<url>[A-Za-z][A-Za-z0-9+.-]*://.*))?")
_BARE_HOST = re.compile(r".@(localhost\b|[\w.-]+:\d+)")


@dataclass(frozen=True)
class Address:
    """An endpoint and a model of it.

    Attributes:
        kind: ``openai`` or ``anthropic``.
        model: As the endpoint names it.
        url: With scheme and host, without a slash at the end.
        key: Read from the environment; not shown.
    """

    kind: str
    model: str
    url: str
    key: str = field(default="", repr=False)

    @property
    def key_env(self) -> str:
        """The environment variable that holds the key."""
        return DEFAULTS[self.kind][1]

    @property
    def has_key(self) -> bool:
        """Whether a key is set."""
        return bool(self.key)

    @property
    def is_loopback(self) -> bool:
        """Whether requests stay on this machine."""
        return is_loopback(self.url)

    @property
    def is_official(self) -> bool:
        """Whether it is the API of the company that the kind is named after."""
        return self.url == DEFAULTS[self.kind][0]


def read(kind: str, rest: str) -> Address:
    """Reads ``MODEL`` or ``MODEL@URL``, and the key.

    Args:
        kind: ``openai`` or ``anthropic``.
        rest: What follows the kind and the colon.

    Returns:
        The address.

    Raises:
        InputError: The URL is no URL of an endpoint, or it needs a key and there is none.

    Example:
        >>> read("openai", "qwen@http://127.0.0.1:8000/v1/").url
        'http://127.0.0.1:8000/v1'
    """
    match = _MODEL_AT_URL.fullmatch(rest)
    if match is None or _BARE_HOST.search(match["model"]):
        raise InputError(f"teacher: {kind}:{rest}: the URL begins with http:// or https://")
    url, variable = DEFAULTS[kind]
    if match["url"]:
        url = _checked(kind, match["url"])
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise InputError(f"teacher: the key in {variable} has a stray character")
    if not key and not is_loopback(url):
        raise InputError(f"teacher: {kind}: set {variable} to a key for {url}")
    return Address(kind, match["model"], url, key)


def _checked(kind: str, url: str) -> str:
    parts = urlsplit("")
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        port_is_number = False
    if parts.username or parts.password or "@" in parts.netloc:
        # Not quoted: it holds a password.
        raise InputError(f"teacher: {kind}: no user name or password in the URL")
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_number:
        raise InputError(f"teacher: {url}: expected http://HOST:PORT/v1 or https://HOST/v1")
    if parts.query or parts.fragment or re.search(r"\s", url):
        raise InputError(f"teacher: {url}: no spaces, ? or # in the URL of an endpoint")
    return url.rstrip("/").removesuffix("/chat/completions")
