"""Keeps the page to this machine: no request elsewhere, and none from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Gradio compiles its small scripts in the page, which needs the two unsafe words."""

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)

_ELSEWHERE = re.compile(
    rb"<link\b[^>]*\bhref=\"https?://[^>]*>|<script\b[^>]*\bsrc=\"https?://[^>]*>\s*</script>"
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Shield:
    """ASGI middleware around the page."""

    def __init__(self, app: Any, hosts: tuple[str, ...] = ()) -> None:
        """Wraps an application.

        Args:
            app: The ASGI application.
            hosts: Names under which a browser may ask for it, against pages elsewhere that point a
                name of their own at this machine; empty for any.
        """
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if self._hosts and host_of(headers.get(b"host", b"").decode("latin-1")) not in self._hosts:
            await _refuse(send)
            return
        # An answer that is not compressed can be read here.
        kept = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        await self._app({**scope, "headers": kept}, receive, _Guarded(send))


class _Guarded:
    """Adds the headers, and takes out of a page what it would load from elsewhere."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            ours = {name for name, _ in HEADERS}
            kept = [pair for pair in message["headers"] if pair[0].lower() not in ours]
            message = {**message, "headers": [*kept, *HEADERS]}
            if any(b"text/html" in value for name, value in kept if name == b"content-type"):
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._page(self._start)
            return
        await self._send(message)

    async def _page(self, start: Message) -> None:
        body = without_elsewhere(self._body)
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await self._send({**start, "headers": [*headers, length]})
        await self._send({"type": "http.response.body", "body": body})


def without_elsewhere(page: bytes) -> bytes:
    """A page without the links and scripts that point to other servers.

    Args:
        page: HTML.

    Returns:
        HTML.

    Example:
        >>> without_elsewhere(b'<p><script src="https://example.org/a.js" async></script></p>')
        b'<p></p>'
    """
    return _ELSEWHERE.sub(b"", page)


def host_of(header: str) -> str:
    """The name in a Host header, without the port.

    Args:
        header: Its value.

    Returns:
        The name.

    Example:
        >>> host_of("127.0.0.1:7860"), host_of("[::1]:7860")
        ('127.0.0.1', '::1')
    """
    name = header.rpartition(":")[0] if re.search(r":\d+$", header) else header
    return name.strip("[]").lower()


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"unknown host"})
