"""A real ``emp chat`` in a real terminal, with an endpoint that writes slowly."""

import json
import os
import pty
import re
import select
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from sys import executable

import pytest

EMP = str(Path(executable).parent / "emp")
SAD = "I lost my job and I feel so sad and alone."
SECONDS = 60


@pytest.fixture
def endpoint(script):
    """Streams the scripted reply; ``slow`` makes it take a minute."""

    class Handler(BaseHTTPRequestHandler):
        slow, left = True, False

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            words = script.whole().split(" ")
            try:
                for word in words * (40 if Handler.slow else 1):
                    piece = {"choices": [{"delta": {"content": f"{word} "}}]}
                    self.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())
                    time.sleep(0.04 if Handler.slow else 0)
                self.wfile.write(b"data: [DONE]\n\n")
            except OSError:
                Handler.left = True

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Handler.url = f"tiny@http://127.0.0.1:{server.server_port}/v1"
    yield Handler
    server.shutdown()
    server.server_close()


class Terminal:
    """A process with a terminal of its own."""

    def __init__(self, *command, cwd):
        self._bytes = b""
        self._waited = 0
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it
            os.execve(command[0], command, {**os.environ, "TERM": "xterm", "COLUMNS": "90"})

    def send(self, text):
        os.write(self._end, text.encode())

    def stop_at_the_prompt(self):
        """Ctrl-c; Python sees one that comes before readline waits only at the next key."""
        self.wait_for("you ›")
        time.sleep(0.3)
        self.send("\x03")

    @property
    def seen(self):
        """Everything shown so far, without colors and cursor movements."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._bytes.decode(errors="ignore"))

    def wait_for(self, text):
        """Reads until a text comes after the one that was waited for last."""
        until = time.monotonic() + SECONDS
        while text not in self.seen[self._waited :]:
            assert time.monotonic() < until, f"no {text!r} in {self.seen[-2000:]!r}"
            self._read()
        self._waited = self.seen.index(text, self._waited) + len(text)

    def status(self):
        """The exit status, once the process has ended."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self._end)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        pytest.fail(f"still running: {self.seen[-2000:]!r}")

    def _read(self):
        if select.select([self._end], [], [], 0.1)[0]:
            try:
                self._bytes += os.read(self._end, 4096)
            except OSError:  # the other end is closed
                time.sleep(0.02)


def test_ctrl_c_while_the_model_writes_and_then_leaving(endpoint, chat_recipe, tmp_path):
    chat = Terminal(EMP, "chat", str(chat_recipe), "--endpoint", endpoint.url, cwd=tmp_path)
    chat.wait_for("you ›")
    chat.send(f"{SAD}\n")
    chat.wait_for("main concern")
    chat.send("\x03")
    chat.wait_for("/retry asks again")
    chat.wait_for("you ›")
    chat.send("/mood\n")
    chat.wait_for("no mood profile yet")  # the turn was dropped
    endpoint.slow = False
    chat.send("/retry\n")
    chat.wait_for("hardest?")
    chat.send("/save chat.jsonl\n")
    chat.wait_for("1 turn saved")
    chat.stop_at_the_prompt()
    chat.wait_for("once more leaves")
    chat.stop_at_the_prompt()
    assert chat.status() == 0
    assert "Traceback" not in chat.seen and "Aborted" not in chat.seen
    assert endpoint.left  # the first reply was really given up
    rows = [json.loads(line) for line in (tmp_path / "chat.jsonl").read_text().splitlines()]
    assert [row["content"] for row in rows if row["role"] == "user"] == [SAD]
    assert [file.name for file in tmp_path.iterdir()] == ["chat.jsonl"]


def test_ctrl_d_leaves(endpoint, chat_recipe, tmp_path):
    chat = Terminal(EMP, "chat", str(chat_recipe), "--endpoint", endpoint.url, cwd=tmp_path)
    chat.wait_for("you ›")
    chat.send("\x04")
    assert chat.status() == 0
