"""Serves the page on one address."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any

import click

from emp_plugins.errors import InputError
from emp_tooling.chat.setup import Setup

LOOPBACK = ("127.0.0.1", "localhost", "::1")

CLOSING_SECONDS = 2
"""How long open pages may take to hang up when the server stops."""


def bind(host: str, port: int) -> socket.socket:
    """Takes the port, so that one that is in use is told before a model is loaded.

    Args:
        host: An address of this machine.
        port: 0 for one that is free.

    Returns:
        The bound socket.

    Raises:
        InputError: The port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        reason = error.strerror or "not an address of this machine"
        raise InputError(
            f"{host}:{port}: {reason}; give another --port, or --port 0 for one that is free"
        ) from None
    return taken


def application(setup: Setup, host: str = LOOPBACK[0]) -> Any:
    """The page as an ASGI application.

    Args:
        setup: The model and how it talks.
        host: The address that it is served on; on loopback only requests by its names are
            answered.

    Returns:
        The application.

    Raises:
        InputError: Gradio is not installed.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported
    try:
        import gradio as gr
    except ImportError:
        raise InputError("emp chat --web: pip install 'empathy-recipes[chat]' first") from None
    from fastapi import FastAPI

    from emp_tooling.chat.web import page
    from emp_tooling.chat.web.shield import Shield

    bare = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    mounted = gr.mount_gradio_app(
        bare,
        page.build(setup),
        path="/",
        server_name=host,
        footer_links=[],
        show_error=False,
        max_file_size=1,  # nothing is uploaded
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        theme=page.theme(),
        css=page.style(),
    )
    return Shield(mounted, LOOPBACK if host in LOOPBACK else ())


def serve(setup: Setup, bound: socket.socket, host: str) -> None:
    """Serves until ctrl-c.

    Args:
        setup: The model and how it talks.
        bound: From ``bind``.
        host: The address, for the line that is printed.
    """
    server = server_of(setup, host)
    name, port = (f"[{host}]" if ":" in host else host), bound.getsockname()[1]
    click.echo(f"emp chat on http://{name}:{port}/ (ctrl-c stops it)")
    with contextlib.suppress(KeyboardInterrupt):  # raised again by the server when it has closed
        server.run(sockets=[bound])


def server_of(setup: Setup, host: str = LOOPBACK[0]) -> Any:
    """A server that writes no log of requests.

    Args:
        setup: The model and how it talks.
        host: The address.

    Returns:
        A ``uvicorn.Server``.
    """
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(
            application(setup, host),
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=CLOSING_SECONDS,
        )
    )
