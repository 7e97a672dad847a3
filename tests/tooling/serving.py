"""A real OpenAI-compatible server on loopback that answers as a test scripts it."""

import contextlib
import json
import re
import socket
import struct
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPLY = "It sounds like this has been heavy for you."


@dataclass
class Answer:
    """What the server does with one request."""

    text: str = REPLY
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes | None = None  # instead of a chat completion or its events
    finish: str = "stop"
    wait_s: float = 0.0  # before the answer
    reset: bool = False  # the connection, instead of an answer
    breaks_after: int | None = None  # pieces of a stream; then the connection is reset
    wait_after: tuple = (0, 0.0)  # so many pieces, so many seconds of silence


class Endpoint:
    """Answers by ``script(request, attempt)``: a text, or the fields of `Answer` that differ.

    Attempts are counted for each conversation. Use it as a context manager.
    """

    def __init__(self, script=lambda request, attempt: REPLY):
        self.script = script
        self.requests, self.headers, self.paths, self.times = [], [], [], []
        self.at_once = self.most_at_once = 0
        self.closed_early = threading.Event()  # a reader went away in the middle of a stream
        self._attempts, self._lock = Counter(), threading.Lock()
        self._server = Listener(("127.0.0.1", 0), type("Bound", (Handler,), {"endpoint": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def enter(self, request, headers, path):
        key = json.dumps(request["messages"])
        with self._lock:
            attempt = self._attempts[key]
            self._attempts[key] += 1
            self.requests.append(request)
            self.headers.append(headers)
            self.paths.append(path)
            self.times.append(time.monotonic())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        scripted = self.script(request, attempt)
        return Answer(**({"text": scripted} if isinstance(scripted, str) else scripted))

    def leave(self):
        with self._lock:
            self.at_once -= 1


class Listener(ThreadingHTTPServer):
    """Takes many connections at once, and says nothing of readers that go away."""

    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _events(answer):
    pieces = re.findall(r"\S+\s*|\s+", answer.text)
    for piece in pieces:
        yield {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}
    yield {"choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish}]}
    yield {"choices": [], "usage": {"completion_tokens": len(pieces)}}


class Handler(BaseHTTPRequestHandler):
    endpoint = None  # set by a subclass for each server
    protocol_version = "HTTP/1.1"  # keeps connections, as model servers do

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.endpoint.enter(request, headers, self.path)
        time.sleep(answer.wait_s)
        self.endpoint.leave()  # before the answer: its reader may ask again at once
        if answer.reset:
            self._reset()
            return
        try:
            if request.get("stream") and answer.status == 200 and answer.body is None:
                self._stream(answer)
            else:
                self._whole(answer)
        except (BrokenPipeError, ConnectionResetError):
            self.endpoint.closed_early.set()

    def _whole(self, answer):
        message = {"role": "assistant", "content": answer.text}
        choice = {"index": 0, "message": message, "finish_reason": answer.finish}
        body = json.dumps({"choices": [choice]}).encode()
        self._start(answer, "application/json", answer.body or body)

    def _start(self, answer, kind, body=None):
        self.send_response(answer.status)
        length = {} if body is None else {"Content-Length": str(len(body))}
        for name, value in {"Content-Type": kind, **length, **answer.headers}.items():
            self.send_header(name, value)
        if body is None:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(body or b"")
        self.wfile.flush()

    def _stream(self, answer):
        self._start(answer, "text/event-stream")
        self._chunk(b": a comment that keeps the connection\n\n")
        silent_after, seconds = answer.wait_after
        for number, event in enumerate(_events(answer)):
            if number == answer.breaks_after:
                self._reset()
                return
            if number == silent_after:
                time.sleep(seconds)
            self._chunk(b"data: " + json.dumps(event).encode() + b"\n\n")
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _reset(self):
        self.close_connection = True
        at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.rfile.close()
        self.connection.close()

    def finish(self):
        with contextlib.suppress(ValueError, OSError):  # after a reset
            super().finish()

    def log_message(self, *arguments):
        pass
