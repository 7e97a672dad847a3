"""The judge against `transformers serve` with a tiny random model: nobody is home."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from emp_plugins.errors import InputError
from emp_plugins.judges import read_spec
from emp_plugins.judges.endpoint.llm import from_spec
from emp_tooling.tiny import build_model

DIALOGUES = [("I cannot sleep.", f"What keeps you awake on night {n}?") for n in range(6)]
STARTS_WITHIN_S = 180  # about 20 s on an idle machine


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """URL of the server and name of the model."""
    folder = tmp_path_factory.mktemp("serve")
    build_model(folder / "tiny")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", folder / "tiny"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    log = (folder / "log").open("w")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, env=environment)
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", folder / "log")
        yield f"http://127.0.0.1:{port}/v1", str(folder / "tiny")
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait(process, url, log):
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"the server did not start\n{log.read_text()[-3000:]}")


def judge(server, **settings):
    url, model = server
    block = {"backend": "openai", "base_url": url, "model": model, "max_tokens": 24}
    return from_spec(read_spec("llm", block | {"max_retries": 1, "concurrency": 3} | settings))


@pytest.mark.train
def test_nonsense_is_none_and_counted(server):
    made = judge(server, max_failures=6)
    verdicts = made.verdicts(DIALOGUES)
    assert [verdict.score for verdict in verdicts] == [None] * 6  # none of them 0
    assert made.failures == 6
    # The server answered each time: these are the model's words, not a lost connection.
    readable = ("no JSON object", "not JSON")
    assert all(any(reason in item.failure for reason in readable) for item in verdicts)


@pytest.mark.train
def test_the_run_stops_above_max_failures(server):
    with pytest.raises(InputError, match=r"samples have no verdict.*max_failures: 0\.2"):
        judge(server).score(DIALOGUES)


@pytest.mark.train
def test_a_model_that_is_not_served(server):
    with pytest.raises(InputError, match=r"status 400: .*compare model"):
        judge((server[0], "no/such-model")).score(DIALOGUES)
