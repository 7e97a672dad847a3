"""A real OpenAI-compatible server on loopback whose answers a test scripts."""

import contextlib
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from emp_plugins.judges import read_spec
from emp_plugins.judges.endpoint.llm import from_spec

GOOD = '{"score": 4, "reason": "warm and specific"}'


@dataclass
class Answer:
    """What the server does with one request."""

    text: str = GOOD
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes | None = None  # instead of a chat completion
    wait_s: float = 0.0
    drip_s: float = 0.0  # seconds between bytes


class Endpoint:
    """Answers by ``script(request, attempt)``; attempts are counted for each dialogue.

    An answer is a text, or the fields of ``Answer`` that differ from a good one.
    """

    def __init__(self):
        self.script = lambda request, attempt: GOOD
        self.requests = []
        self.headers = []
        self.paths = []
        self.times = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.attempts = Counter()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def says(self, *answers):
        """Attempt n of every dialogue gets answer n, later ones the last."""
        self.script = lambda request, attempt: answers[min(attempt, len(answers) - 1)]


def _handler(endpoint):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = request["messages"][1]["content"]
            with endpoint.lock:
                endpoint.requests.append(request)
                endpoint.headers.append(dict(self.headers))
                endpoint.paths.append(self.path)
                endpoint.times.append(time.monotonic())
                attempt = endpoint.attempts[key]
                endpoint.attempts[key] += 1
                endpoint.at_once += 1
                endpoint.most_at_once = max(endpoint.most_at_once, endpoint.at_once)
            scripted = endpoint.script(request, attempt)
            answer = Answer(**({"text": scripted} if isinstance(scripted, str) else scripted))
            time.sleep(answer.wait_s)
            with endpoint.lock:  # before the answer: its reader may ask again at once
                endpoint.at_once -= 1
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._answer(answer)

        def _answer(self, answer):
            message = {"role": "assistant", "content": answer.text}
            body = answer.body or json.dumps({"choices": [{"message": message}]}).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Length": len(body), **answer.headers}.items():
                self.send_header(name, str(value))
            self.end_headers()
            for byte in body if answer.drip_s else [body]:
                self.wfile.write(bytes([byte]) if answer.drip_s else byte)
                self.wfile.flush()
                time.sleep(answer.drip_s)

        def log_message(self, *arguments):
            pass

    return Handler


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def rubric(tmp_path):
    path = tmp_path / "rubric.yml"
    path.write_text("instructions: Rate the reply.\nscale: {low: 1, high: 5}\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def judge(endpoint, rubric):
    """Makes a judge on the server; any failure stops it unless the test says otherwise."""

    def make(**settings):
        block = {"backend": "openai", "base_url": endpoint.url, "model": "m", "rubric": rubric}
        block |= {"max_retries": 1, "max_failures": 0, **settings}
        return from_spec(read_spec("llm", block))

    return make
