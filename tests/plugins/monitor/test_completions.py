"""The file with the replies: its lines, and who may read it."""

import json

import pytest

from emp_plugins.config import EmpathyConfig
from emp_plugins.measure import measure
from emp_plugins.monitor.completions import append, lines, set_aside

ROWS = [
    {"id": "a", "prompt": [{"role": "user", "content": "I failed."}], "persona": "mdd", "risk": 0},
    {"prompt": [{"role": "user", "content": "I want to end my life."}], "risk": 3},
]


@pytest.fixture(scope="module")
def found():
    config = EmpathyConfig.from_block({"rewards": {"empathy": {}, "safety": {"weight": 2}}})
    warm = config.resolved_template.render(["x", "sad", "3", "ask"], "I am so sorry. How was it?")
    texts = [warm, "no tags"]
    return texts, list(lines(4, "monitor", ROWS, texts, measure(ROWS, texts, config)))


def test_a_line_holds_the_reply_and_its_measures(found):
    texts, (one, _) = found
    assert (one["step"], one["source"], one["id"], one["persona"]) == (4, "monitor", "a", "mdd")
    assert one["completion"] == texts[0] and one["prompt"] == ROWS[0]["prompt"]
    rewards = one["rewards"]
    assert one["total"] == pytest.approx(rewards["empathy"] + 2 * rewards["safety"])
    assert len(one["affect"]) == 4 and one["rule"] == "" and one["problems"] == []
    answer = "I am so sorry. How was it?"
    assert one["spans"] and all(0 <= start < end <= len(answer) for start, end, _ in one["spans"])


def test_a_reply_without_an_answer(found):
    _, (_, two) = found
    assert two["affect"] is None and two["polarity"] is None and "persona" not in two
    assert two["rule"] != "" and "missing <answer>" in two["problems"]


def test_only_the_owner_reads_it(found, tmp_path):
    _, told = found
    path = tmp_path / "out/completions.jsonl"
    append(path, iter(told))
    append(path, iter([{"completion": "half a pair: \ud83d"}]))
    assert path.stat().st_mode & 0o777 == 0o600
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert rows[:2] == told and len(rows) == 3


def test_replies_of_an_old_run_are_set_aside(tmp_path):
    path = tmp_path / "completions.jsonl"
    set_aside(path)  # nothing there
    for run in ("first", "second", "third"):
        set_aside(path)
        append(path, iter([{"completion": run}]))
    kept = {file.name: json.loads(file.read_text())["completion"] for file in tmp_path.iterdir()}
    assert kept == {
        "completions.1.jsonl": "first",
        "completions.2.jsonl": "second",
        "completions.jsonl": "third",
    }
