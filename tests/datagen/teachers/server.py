"""A real OpenAI-compatible server on loopback that fails as it is told to.

It answers ``/v1/chat/completions`` and, in Anthropic's form, ``/v1/messages``.

    with Server(faults={0: Fault(status=500)}) as server:
        ...  # teacher f"openai:m@{server.url}"
"""

import contextlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REPLY = "It sounds like this has been heavy for you. What is the hardest part of the day?"


@dataclass
class Fault:
    """How one answer differs from a good one."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None  # instead of a completion
    text: str | None = None  # instead of the reply
    finish: str = "stop"
    wait_s: float = 0.0  # before the answer
    reset: bool = False  # the connection, instead of an answer


@dataclass
class Server:
    """A server; ``faults`` says what goes wrong, by request number or by a function.

    Attributes:
        faults: Request number, from 0, to fault; or a function of the request's body and of the
            number of earlier requests with the same messages, which gives a fault or None.
        reply: Text of an answer, or a function from the request's body to it.
        latency_s: Seconds that each answer takes.
        ignores_n: Give one choice, whatever n asks for.
        port: 0 for any.
    """

    faults: Mapping[int, Fault] | Callable[[dict, int], Fault | None] = field(default_factory=dict)
    reply: str | Callable[[dict], str] = REPLY
    latency_s: float = 0.0
    ignores_n: bool = False
    port: int = 0

    def __post_init__(self):
        self.requests: list[dict] = []
        self.headers: list[dict] = []
        self.paths: list[str] = []
        self.times: list[float] = []
        self.at_once = self.most_at_once = 0
        self._attempts: Counter = Counter()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Begins to listen; until then connections are refused."""
        kind = type("Listener", (ThreadingHTTPServer,), {"request_queue_size": 256})
        self._server = kind(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()

    def enter(self, request: dict, headers: dict, path: str) -> Fault:
        """Notes a request and says what to do with it."""
        key = json.dumps(request["messages"])
        with self._lock:
            number, attempt = len(self.requests), self._attempts[key]
            self._attempts[key] += 1
            self.requests.append(request)
            self.headers.append(headers)
            self.paths.append(path)
            self.times.append(time.monotonic())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        plan = self.faults
        fault = plan(request, attempt) if callable(plan) else plan.get(number)
        return fault or Fault()

    def leave(self) -> None:
        with self._lock:
            self.at_once -= 1

    def body(self, request: dict, path: str, fault: Fault) -> bytes:
        if fault.body is not None:
            return fault.body
        if fault.status != 200:
            return b'{"error": {"message": "as told"}}'
        text = fault.text
        if text is None:
            text = self.reply(request) if callable(self.reply) else self.reply
        form = _message if path.endswith("/messages") else _completion
        return json.dumps(form(text, request, 1 if self.ignores_n else None, fault)).encode()


def _completion(text: str, request: dict, n: int | None, fault: Fault) -> dict[str, Any]:
    n = n or request.get("n", 1)
    message = {"role": "assistant", "content": text}
    choice = {"message": message, "finish_reason": fault.finish}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": request["model"],
        "choices": [{"index": i, **choice} for i in range(n)],
        "usage": {"prompt_tokens": 300, "completion_tokens": 20 * n, "total_tokens": 320},
    }


def _message(text: str, request: dict, n: int | None, fault: Fault) -> dict[str, Any]:
    return {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": text}],
        "stop_reason": fault.finish,
        "usage": {"input_tokens": 300, "output_tokens": 20},
    }


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # keeps connections, as model servers do

        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fault = server.enter(request, self._headers(), self.path)
            time.sleep(server.latency_s + fault.wait_s)
            server.leave()  # before the answer: its reader may ask again at once
            if fault.reset:
                self._reset()
                return
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._answer(server.body(request, self.path, fault), fault)

        def _headers(self):
            return {name.lower(): value for name, value in self.headers.items()}

        def _reset(self):
            self.close_connection = True
            at_once = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.rfile.close()
            self.connection.close()

        def _answer(self, body: bytes, fault: Fault):
            self.send_response(fault.status)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
            for name, value in {**headers, **fault.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def finish(self):
            with contextlib.suppress(ValueError, OSError):  # after a reset
                super().finish()

        def log_message(self, *arguments):
            pass

    return Handler
