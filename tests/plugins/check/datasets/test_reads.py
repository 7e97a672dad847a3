"""The columns that rewards read."""

import sys

import pytest

SAID = "Orpheus-never-slept-again"  # as in conftest.py
USER = [{"role": "user", "content": SAID}]
PAIR = {"prompt": USER, "chosen": f"{SAID}!", "rejected": SAID}


REWARDS = "empathy:\n  rewards: {safety: {}, affective_shift: {}}\n"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"risk": "high"}, "risk: expected a level from 0 to 4 or null, got a text"),
        ({"risk": 7}, "risk: expected a level from 0 to 4 or null, got another number"),
        ({"state": "{}"}, "state: expected an object with affect, or null, got a text"),
        ({"state": {"affect": [1, 2]}}, "state: affect: expected four numbers"),
        ({"risk": 2.0, "state": {"affect": None}}, ""),
        ({"risk": None, "state": None}, ""),
        ({}, ""),
    ],
)
def test_columns_that_our_rewards_read(write, findings, columns, message, recipe):
    write("rows.jsonl", [{"prompt": SAID, **columns}])
    text = recipe("grpo", "emp_plugins.prompts")
    found = findings("datasets", text + REWARDS)
    assert [item.message for item in found] == ([f"rows.jsonl:1: {message}"] if message else [])
    assert findings("datasets", text) == []  # no reward reads them


@pytest.fixture
def functions(write, monkeypatch):

    write(
        "my_rewards.py",
        "def scored(prompts, completions, score, **columns):\n    return [0.0] * len(prompts)\n"
        "def weighted(prompts, completions, score=1, *, trainer_state, **columns):\n"
        "    return [0.0] * len(prompts)\n",
    )
    yield
    sys.modules.pop("my_rewards", None)


@pytest.mark.parametrize(
    ("name", "columns", "suggestion"),
    [
        ("scored", {"scores": 1}, "did you mean scores?"),
        ("scored", {}, "add it, or give it a default"),
        ("scored", {"score": 1}, None),
        ("weighted", {}, None),  # a default, and what TRL gives
    ],
)
def test_columns_that_the_users_rewards_need(
    write, findings, functions, name, columns, suggestion, recipe
):
    write("rows.jsonl", [{"prompt": SAID, **columns}])
    trl = f"trl:\n  reward_funcs: [my_rewards.{name}]\n"
    found = findings("datasets", recipe("grpo", "emp_plugins.prompts") + trl)
    assert [item.suggestion for item in found] == ([suggestion] if suggestion else [])
    for item in found:
        assert item.key == "trl.reward_funcs[0]"
        assert "my_rewards.scored needs the column score, which rows.jsonl lacks" in item.message
