"""A teacher against `transformers serve` with a tiny random model: it babbles, and is heard."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from emp_datagen import jsonl
from emp_datagen.cli import main
from emp_datagen.teachers import Meter, Order, Settings, TeacherError, load
from emp_plugins.affect.state import State

STARTS_WITHIN_S = 180  # about 20 s on an idle machine


@pytest.fixture(scope="module")
def served(talkative):
    """URL of the server and name of the model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", talkative]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with (talkative / "log").open("w") as log:
        process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, env=environment)
        try:
            _wait(process, f"http://127.0.0.1:{port}/health", talkative / "log")
            yield f"http://127.0.0.1:{port}/v1", str(talkative)
        finally:
            process.terminate()
            process.wait(30)


def _wait(process, url, log):
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"the server did not start\n{log.read_text()[-3000:]}")


def ask(served, n=1, model=None):
    order = Order(
        role="therapist",
        persona="mdd",
        state=State({"diagnosis": "MDD"}, (-0.4,), (-0.5, 0.0, 0.0, 0.0)),
        target="introspection",
        topic="your sleep",
        risk=0,
        style="plain",
        split="train",
        seed="s",
        messages=({"role": "user", "content": "I cannot sleep."},),
    )
    meter = Meter()

    async def run():
        url, name = served
        settings = Settings(max_tokens=24, retries=2, timeout=60)
        agent = load(f"openai:{model or name}@{url}", settings, meter)
        try:
            return await agent.ask(order, n)
        finally:
            await agent.close()

    return asyncio.run(run()), meter


@pytest.mark.slow
def test_replies_and_their_tokens(served, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    texts, meter = ask(served, n=3)  # it ignores n, so the rest is asked for one by one
    assert len(texts) == 3
    assert all(texts)
    assert meter.calls >= 3
    assert meter.tokens_in > 3 * 100
    assert 3 <= meter.tokens_out <= meter.calls * 24


@pytest.mark.slow
def test_a_model_that_is_not_served(served):
    with pytest.raises(TeacherError, match=r"^status 400$"):
        ask(served, model="no/such-model")


def test_the_whole_path(served, tmp_path):
    """Client, therapist and error by the model: what it babbles is written, judged and counted."""
    url, model = served
    said = ("--cut", "2", "--n", "2", "--no-judge", "--max-length-ratio", "1000")
    slow = ("--max-tokens", "12", "--concurrency", "2", "--out", str(tmp_path / "p.jsonl"))
    args = ["pairs", "--teacher", f"openai:{model}@{url}", *said, *slow]
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 0, result.output
    rows = jsonl.read_rows(tmp_path / "p.jsonl", "pair")
    assert [len(row["prompt"]) for row in rows] == [3, 3]
    assert all(row["teacher"] == f"openai:{model}" for row in rows)
    judged = CliRunner().invoke(main, ["judge", str(tmp_path / "p.jsonl"), "--keep-all"])
    assert judged.exit_code == 0, judged.output
