"""The method that data is for, and test data that is training data."""

import pytest

SAID = "Orpheus-never-slept-again"  # as in conftest.py
USER = [{"role": "user", "content": SAID}]
PAIR = {"prompt": USER, "chosen": f"{SAID}!", "rejected": SAID}


@pytest.mark.parametrize(
    ("rl", "kind", "right"),
    [
        ("dpo", "emp_plugins.prompts", "emp_plugins.pairs"),
        ("grpo", "emp_plugins.pairs", "emp_plugins.prompts"),
        ("kto", "emp_plugins.pairs", "emp_plugins.kto"),
        ("orpo", "emp_plugins.kto", "emp_plugins.orpo"),
        ("ipo", "emp_plugins.kto", "emp_plugins.pairs"),
        ("sft", "emp_plugins.pairs", "chat_template"),  # SFT knows no transforms
    ],
)
def test_a_transform_for_another_method(write, one, rl, kind, right, recipe):
    """One finding, though the rows do not fit either."""
    write("rows.jsonl", [{"other": 1}])
    found = one("datasets", recipe(rl, kind))
    assert (found.key, found.suggestion) == ("datasets[0].type", f"set type: {right}")


def test_training_rows_as_test_rows(write, one, findings, recipe):
    write("rows.jsonl", [PAIR])
    write("dev.jsonl", [PAIR])
    shared = "test_datasets:\n  - path: {}\n    type: emp_plugins.pairs\n"
    found = one("datasets", recipe("dpo", "emp_plugins.pairs", test=shared.format("./rows.jsonl")))
    assert (found.severity, found.key) == ("warning", "test_datasets[0].path")
    text = recipe("dpo", "emp_plugins.pairs", test=shared.format("dev.jsonl"))
    assert findings("datasets", text) == []
