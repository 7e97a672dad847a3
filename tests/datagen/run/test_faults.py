"""Whole runs against a real server that fails: what is written, what is recorded, what is said."""

import hashlib
import threading
from collections import Counter

import pytest
from click.testing import CliRunner

from emp_datagen import jsonl
from emp_datagen.cli import main
from emp_datagen.teachers import quiet_import

from ..teachers.server import Fault, Server

with quiet_import():
    from emp_datagen.teachers import endpoint

KEY = "sk-test-77aa"
SECRET_WORDS = "apple river stone cloud lamp door bread glass wind paper shoe leaf".split()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(endpoint, "FIRST_BACKOFF_S", 0.02)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def digest(request):
    return hashlib.sha256(repr(request["messages"]).encode()).digest()


def reply(request):
    """Twenty words that no other prompt gets."""
    places = (digest(request) + digest(request))[:20]
    return " ".join(SECRET_WORDS[byte % 12] + str(byte) for byte in places) + "."


def kind(request):
    return digest(request)[0] % 16


PASSING = {
    0: Fault(status=429, headers={"Retry-After": "0.1"}),
    1: Fault(status=500),
    2: Fault(body=b"{broken"),
    3: Fault(reset=True),
    4: Fault(text=""),
}
LASTING = {
    5: Fault(status=400),
    6: Fault(text="   "),
    7: Fault(wait_s=5.0),
}


def faults(request, attempt):
    if kind(request) in PASSING:
        return PASSING[kind(request)] if attempt == 0 else None
    return LASTING.get(kind(request))


def run(server, out, *args):
    said = ("--client", "scripted", "--no-judge", "--out", str(out), "--max-length-ratio", "9")
    teacher = ("--teacher", f"openai:m@{server.url}", "--timeout", "0.6", "--retries", "2")
    return CliRunner().invoke(main, ["pairs", *teacher, *said, *map(str, args)])


def test_every_good_row_is_written_and_every_bad_one_recorded(tmp_path):
    out = tmp_path / "p.jsonl"
    with Server(faults, reply) as server:
        result = run(server, out, "--n", 60, "--concurrency", 16)
        asked = list(server.requests)
    rows = jsonl.read_rows(out, "pair")
    bad = {repr(r["messages"]) for r in asked if kind(r) in LASTING}
    tried = Counter(repr(r["messages"]) for r in asked)
    assert result.exit_code == 1  # some rows failed
    line = result.stdout.splitlines()[-1]
    failed = 60 - len(rows)
    assert f"{len(rows)} rows written" in line and f"{failed} failed (" in line
    assert 15 < failed < 45 and "status 400" in line and "empty content" in line
    assert "no answer within 0.6 s" in line and "--resume" in result.stderr
    assert all(count == 2 for key, count in tried.items() if kind_of(asked, key) in PASSING)
    assert all(count == 1 for key, count in tried.items() if kind_of(asked, key) == 5)
    assert len(bad) >= failed

    with Server(reply=reply) as server:  # well again, but another server is another run
        again = run(server, out, "--n", 60, "--concurrency", 16, "--resume")
    assert again.exit_code == 2 and "crew differs" in again.stderr


def kind_of(asked, key):
    return next(kind(r) for r in asked if repr(r["messages"]) == key)


def test_failed_rows_are_tried_again_and_nothing_else(tmp_path):
    out = tmp_path / "p.jsonl"
    ill = threading.Event()
    ill.set()

    def sometimes(request, attempt):
        return Fault(status=400) if ill.is_set() and kind(request) < 6 else None

    with Server(sometimes, reply) as server:
        first = run(server, out, "--n", 30)
        before, asked = jsonl.read_rows(out, "pair"), len(server.requests)
        assert first.exit_code == 1 and len(before) < 30
        ill.clear()
        refused = run(server, out, "--n", 30)
        assert refused.exit_code == 2 and "--resume" in refused.stderr
        assert len(server.requests) == asked
        second = run(server, out, "--n", 30, "--resume")
        assert second.exit_code == 0, second.output
    after = jsonl.read_rows(out, "pair")
    assert len(after) == 30 and not list(tmp_path.glob("*.journal*"))
    assert [row for row in after if row["id"] in {r["id"] for r in before}] == before
    assert len(server.requests) - asked == 2 * (30 - len(before))


def test_slow_start(tmp_path):
    server = Server(reply=reply)
    threading.Timer(0.3, server.start).start()
    try:
        result = run(server, tmp_path / "p.jsonl", "--n", 6, "--retries", 8)
    finally:
        server.stop()
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(status=401), "OPENAI_API_KEY"),
        (Fault(status=404), "/v1"),
        (Fault(status=503), "the first 4 rows all failed: status 503"),
    ],
)
def test_a_server_that_never_answers_ends_the_run_in_a_line(tmp_path, monkeypatch, fault, words):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with Server(lambda request, attempt: fault) as server:
        result = run(server, tmp_path / "p.jsonl", "--n", 400, "--concurrency", 2)
    last = result.stderr.splitlines()[-1]
    assert result.exit_code == 2 and last.startswith("Error: ") and words in last, result.stderr
    assert len(server.requests) < 100 and KEY not in result.output
    assert not (tmp_path / "p.jsonl").exists()


def test_nobody_listens(tmp_path):
    out = tmp_path / "p.jsonl"
    out.write_text("of yesterday\n")
    result = run(Server(), out, "--n", 50, "--concurrency", 2, "--overwrite")
    assert result.exit_code == 2 and "no connection" in result.stderr.splitlines()[-1]
    assert out.read_text() == "of yesterday\n"  # it goes when there is a new one, not before


def test_the_key_and_the_clients_words_are_nowhere(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    out = tmp_path / "p.jsonl"
    with Server(lambda r, a: Fault(status=400) if kind(r) < 3 else None, reply) as server:
        result = run(server, out, "--n", 20)
    assert any(KEY in headers.get("authorization", "") for headers in server.headers)
    said = [r["messages"][-1]["content"].split("Patient: ")[-1][:40] for r in server.requests]
    told = result.output + caplog.text + (tmp_path / "p.run.json").read_text()
    assert KEY not in told and not [words for words in said if words in told]
    assert not any(KEY in path.read_text() for path in tmp_path.iterdir())


def test_the_client_may_be_a_model_too(tmp_path):
    out = tmp_path / "p.jsonl"
    with Server(reply=reply) as server:
        teacher = ("--teacher", f"openai:m@{server.url}", "--no-judge", "--max-length-ratio", "9")
        args = ["pairs", *teacher, "--n", "4", "--cut", "2", "--out", str(out)]
        result = CliRunner().invoke(main, args)
    assert result.exit_code == 0, result.output
    assert len(server.requests) == 4 * (2 + 1 + 2)  # client twice, a reply between, the pair
    row = jsonl.read_rows(out, "pair")[0]
    assert [m["role"] for m in row["prompt"]] == ["user", "assistant", "user"]
    assert row["teacher"] == "openai:m"


def test_estimate_and_max_cost(tmp_path):
    out = tmp_path / "p.jsonl"
    with Server(reply=reply) as server:
        told = run(server, out, "--n", 40, "--price", "1,2")
        assert (
            told.exit_code == 0
            and "about 80 calls" in told.stderr
            and "by the prices" in told.stderr
        )
        asked = len(server.requests)
        dear = run(server, out, "--n", 40, "--price", "1000,2000", "--max-cost", "1", "--overwrite")
        assert dear.exit_code == 2 and "the run would cost about" in dear.stderr
        assert len(server.requests) == asked and out.exists()


def test_a_run_that_grows_too_dear_stops_and_keeps_what_it_has(tmp_path, monkeypatch):
    from emp_datagen.run import estimate

    monkeypatch.setattr(estimate, "REPLY_TOKENS", 1)
    out = tmp_path / "p.jsonl"
    with Server(reply=reply) as server:
        args = ("--n", 60, "--price", "0,10000", "--max-cost", "5", "--concurrency", 2)
        stopped = run(server, out, *args)
        assert stopped.exit_code == 130 and "spent" in stopped.stderr, stopped.output
        assert 20 <= len(server.requests) <= 40  # 0.2 a call
        assert "finished rows are kept" in stopped.stderr
        assert not out.exists() and list(tmp_path.glob("*.journal"))


def test_rows_under_way_follow_the_bound(tmp_path):
    with Server(reply=reply, latency_s=0.05) as server:
        run(server, tmp_path / "p.jsonl", "--n", 40, "--concurrency", 8)
    assert server.most_at_once == 8
