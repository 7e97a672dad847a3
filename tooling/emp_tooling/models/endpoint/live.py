"""One reply, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import tenacity

from emp_tooling.models import Messages
from emp_tooling.models.endpoint import protocol
from emp_tooling.models.endpoint.asking import Asking, Busy, lost


def stream(asking: Asking, messages: Messages, seed: int | None) -> Iterator[str]:
    """Asks for one reply.

    Args:
        asking: How the endpoint is asked; attempts are repeated until the reply begins.
        messages: The conversation.
        seed: None leaves it to the endpoint.

    Yields:
        Pieces of text. Closing the iterator ends the connection, on which servers stop generating.

    Raises:
        Busy: No attempt began a reply, or it broke off.
        InputError: The endpoint refuses the key, the model or the request.
    """
    again = tenacity.Retrying(**asking.again)
    with httpx.Client(timeout=asking.timeout_s, **asking.connection) as client:
        try:
            response = again(_open, asking, client, messages, seed)
        except protocol.HeldBack:
            return
        try:
            yield from _pieces(response)
        except protocol.HeldBack:
            return
        except httpx.TimeoutException:
            raise Busy(f"no further piece within {asking.timeout_s:g} s") from None
        except httpx.RequestError as error:
            raise lost(error) from None
        finally:
            response.close()


def _open(
    asking: Asking, client: httpx.Client, messages: Messages, seed: int | None
) -> httpx.Response:
    body = asking.body(messages, seed, stream=True)
    request = client.build_request("POST", asking.url, content=body)
    try:
        response = client.send(request, stream=True)
        if response.status_code == 200:
            return response
        response.read()
    except httpx.TimeoutException:
        raise Busy(f"no reply within {asking.timeout_s:g} s") from None
    except httpx.RequestError as error:
        raise lost(error) from None
    raise asking.failure(response.status_code, response.headers, response.text)


def _pieces(response: httpx.Response) -> Iterator[str]:
    if "text/event-stream" in response.headers.get("content-type", ""):
        yield from protocol.pieces(response.iter_lines())
    else:  # a server that does not stream
        response.read()
        yield protocol.content(response.text)
