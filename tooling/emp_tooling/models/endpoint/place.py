"""Where a model behind an endpoint is, and the key that it takes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from emp_plugins.errors import InputError
from emp_plugins.judges.endpoint.client import is_loopback

KEY_ENV = "OPENAI_API_KEY"

EXPECTED = "expected MODEL@URL, such as my-adapter@http://127.0.0.1:8000/v1"


@dataclass(frozen=True)
class Place:
    """An endpoint and a model of it; the key itself never stands here.

    Attributes:
        model: As the endpoint names it.
        url: With scheme and host, up to the part before ``/chat/completions``.
        key_env: Environment variable that holds the key; none is sent where it is unset.

    Example:
        >>> Place("qwen", "http://127.0.0.1:8000/v1/").name
        'qwen@http://127.0.0.1:8000/v1'
    """

    model: str
    url: str
    key_env: str = KEY_ENV

    def __post_init__(self) -> None:
        if not self.model:
            raise InputError(f"endpoint: no model; {EXPECTED}")
        if not re.fullmatch(r"[A-Za-z_]\w*", self.key_env):
            # Not quoted: it may be the key itself.
            raise InputError("endpoint: key_env: expected the name of an environment variable")
        object.__setattr__(self, "url", _checked(self.url))

    @classmethod
    def read(cls, text: str, key_env: str = KEY_ENV) -> Place:
        """Reads ``MODEL@URL``.

        Args:
            text: The model's name may hold an ``@`` itself.
            key_env: See the class.

        Returns:
            The place.

        Raises:
            InputError: It is not written so, or the URL is none of an endpoint.
        """
        match = re.fullmatch(r"(.+?)@([A-Za-z][A-Za-z0-9+.-]*://.*)", text)
        if match is None:
            raise InputError(f"endpoint: {EXPECTED}")  # not quoted: it may hold a password
        return cls(match[1], match[2], key_env)

    @property
    def name(self) -> str:
        """``MODEL@URL``."""
        return f"{self.model}@{self.url}"

    @property
    def is_loopback(self) -> bool:
        """Whether requests stay on this machine."""
        return is_loopback(self.url)

    def headers(self) -> dict[str, str]:
        """The headers of a request; reads the key now.

        Raises:
            InputError: The key holds a character that no header may hold.
        """
        key = os.environ.get(self.key_env, "").strip()
        if not (key.isascii() and key.isprintable()):
            raise InputError(f"endpoint: the key in {self.key_env} has a stray character")
        kind = {"Content-Type": "application/json"}
        return kind | ({"Authorization": f"Bearer {key}"} if key else {})


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number
        parts, usable = urlsplit(""), False
    if parts.username is not None:
        raise InputError("endpoint: no user name or password in the URL")
    if not usable or parts.query or parts.fragment or re.search(r"\s", url):
        raise InputError(f"endpoint: {url}: expected http://HOST:PORT/v1 or https://HOST/v1")
    return url.rstrip("/").removesuffix("/chat/completions")
