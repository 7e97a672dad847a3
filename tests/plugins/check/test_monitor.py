"""The monitor: block: its prompts, its rules and how often it measures."""

import pytest

from .conftest import SECRET

HEADER = "[STATE: MDD, Balanced] Patient: "


def text(block, more=""):
    return f"rl: grpo\n{more}empathy:\n  monitor:\n    {block}\n"


@pytest.mark.parametrize(
    ("block", "line", "message"),
    [
        ("health: {toxic_drfit: false}", 4, "unknown health rule 'toxic_drfit'; did you mean 't"),
        ("health: {truncation: {windw: 3}}", 4, "truncation.windw: unknown key; did you mean"),
        ("stop_on: [gamng]", 4, "unknown health rule 'gamng'; did you mean 'gaming'"),
        ("prompts: data/heldout.jsonl", 4, "data/heldout.jsonl: no such file; leave it out"),
    ],
)
def test_errors(one, here, block, line, message):
    found = one("monitor", text(block))
    assert found.severity == "error" and found.line == line
    assert message in str(found)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([{"prompt": SECRET}, {"text": SECRET}], "held.jsonl:2: prompt: missing"),
        (b'{"prompt": "', "held.jsonl:1: not JSON"),
        (b"\xff\n", "held.jsonl:1: not UTF-8"),
        (b"", "held.jsonl: no prompts in it"),
    ],
)
def test_broken_prompts(one, write, content, message):
    write("held.jsonl", content)
    assert message in str(one("monitor", text("prompts: held.jsonl")))


def test_a_run_shorter_than_the_interval(one, findings):
    found = one("monitor", text("every_steps: 100", "max_steps: 40\n"))
    assert found.severity == "warning" and found.key == "empathy.monitor.every_steps"
    assert found.suggestion == "use every_steps: 10"
    assert findings("monitor", text("every_steps: 40", "max_steps: 40\n")) == []
    assert findings("monitor", text("every_steps: 100", "num_epochs: 1\n")) == []


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ({"prompt": [{"role": "user", "content": f"{HEADER}{SECRET}"}]}, 1),  # under a header
        ({"prompt": f"  {SECRET.upper()}"}, 1),
        ({"text": SECRET}, 1),  # WASSA
        ({"prompt": "Something else."}, 0),
    ],
)
def test_prompts_that_are_trained_on(findings, write, row, seen):
    write("train.jsonl", [row])
    write("held.jsonl", [{"prompt": SECRET}, {"prompt": "Fine."}])
    data = "datasets:\n  - path: train.jsonl\n    type: emp_plugins.prompts\n"
    found = findings("monitor", text("prompts: held.jsonl", data))
    assert [item.severity for item in found] == ["warning"] * seen
    assert all("1 of 2 prompts are also in the training data" in item.message for item in found)


@pytest.mark.parametrize("block", ["n: 3", "health: {gaming: false}", "stop_on: [gaming]"])
def test_what_is_right(findings, block):
    assert findings("monitor", text(block, "max_steps: 300\n")) == []


@pytest.mark.parametrize("block", ["health: yes", "stop_on: 3", "prompts: 7", "every_steps: x"])
def test_types_are_left_to_the_check_of_keys(findings, block):
    assert findings("monitor", text(block)) == []


def test_without_the_block(findings):
    assert findings("monitor", "rl: grpo\nempathy:\n  rewards: {safety: {}}\n") == []
