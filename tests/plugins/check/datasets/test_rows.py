"""What a file holds beside what its type reads."""

import json

import pytest

SAID = "Orpheus-never-slept-again"  # as in conftest.py
USER = [{"role": "user", "content": SAID}]
PAIR = {"prompt": USER, "chosen": f"{SAID}!", "rejected": SAID}
ANSWERED = [*USER, {"role": "assistant", "content": SAID}]
RATED = {"prompt": SAID, "completion": SAID, "label": True}
PROMPT = {"prompt": USER, "risk": 2, "state": {"affect": [0, 0, 0, 0.5]}}
TALK = {"messages": ANSWERED}
DEFAULT, ARGILLA = "chat_template.default", "chat_template.argilla"


def without(row, name):
    return {key: value for key, value in row.items() if key != name}


@pytest.mark.parametrize(
    ("rl", "kind", "row", "key", "message"),
    [
        # what our transforms read
        ("grpo", "emp_plugins.prompts", {"prompt": " "}, "path", "rows.jsonl:2: prompt: is empty"),
        ("grpo", "emp_plugins.prompts", {"prompt": []}, "path", "prompt: is empty"),
        ("grpo", "emp_plugins.prompts", {"prompt": 3}, "path", "a list of messages, got a number"),
        ("grpo", "emp_plugins.prompts", {"prompt": [{"role": "user"}]}, "path", "role and content"),
        ("grpo", "emp_plugins.prompts", {"prompt": [{"role": "user", "content": None}]}, "path",
         "content is nothing, not text"),
        ("grpo", "emp_plugins.wassa", {"text": None}, "path", "text: expected text, got nothing"),
        ("dpo", "emp_plugins.pairs", without(PAIR, "chosen"), "path", "chosen: no such column"),
        ("dpo", "emp_plugins.pairs", {**PAIR, "rejected": []}, "path", "rejected: is empty"),
        ("dpo", "emp_plugins.pairs", {**PAIR, "chosen": ["x"]}, "path", "a message needs role and"),
        ("orpo", "emp_plugins.orpo", {**PAIR, "chosen": {}}, "path", "chosen: expected text or"),
        ("kto", "emp_plugins.kto", {**RATED, "label": "no"}, "path", "expected true or false"),
        ("kto", "emp_plugins.kto", without(RATED, "label"), "path", "label: no such column"),
        # what TRL reads where nothing transforms
        ("dpo", "", {**PAIR, "prompt": USER}, "path", "prompt: expected text, got a list"),
        # Axolotl's own types
        ("dpo", DEFAULT, {**TALK, "chosen": SAID}, "path", "rejected: no such column"),
        ("dpo", "chatml.ultra", {**PAIR, "chosen": ANSWERED, "rejected": USER}, "path",
         "rejected: expected a message and its reply"),
        ("dpo", "llama3", {"prompt": SAID, "chosen": SAID}, "path", "rejected: no such column"),
        ("kto", "chatml.argilla", {"completion": SAID, "label": 1}, "path", "instruction: no such"),
        ("orpo", ARGILLA, {**PAIR, "rejected": USER}, "path", "chosen: expected a list of"),
        ("sft", "chat_template", {"messages": [{"role": "user"}]}, "path", "role and content"),
        ("sft", "completion", {"text": 3}, "path", "text: expected text, got a number"),
        ("sft", "alpaca", {"instruction": SAID}, "path", "output: no such column"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit(write, one, rl, kind, row, key, message, recipe):
    write("rows.jsonl", "\n" + json.dumps(row))
    found = one("datasets", recipe(rl, kind))
    assert found.key == f"datasets[0].{key}"
    assert "rows.jsonl:2: " in found.message  # an empty line counts
    assert message in found.message


@pytest.mark.parametrize(
    ("rl", "kind", "rows", "more"),
    [
        ("grpo", "emp_plugins.prompts", [PROMPT], ""),
        ("grpo", "emp_plugins.prompts", [{"prompt": SAID}], ""),  # plain text, no state
        ("gdpo", "emp_plugins.prompts", [PAIR], ""),  # pairs have prompts, too
        ("grpo", "", [{"prompt": SAID}], ""),
        ("dpo", "emp_plugins.pairs", [PAIR], ""),
        ("simpo", "emp_plugins.pairs", [PAIR], ""),
        ("orpo", "emp_plugins.pairs", [PAIR], ""),
        ("kto", "emp_plugins.kto", [RATED, {**RATED, "label": 0}], ""),
        ("dpo", "chatml", [{"question": SAID, "chosen": SAID, "rejected": SAID}], ""),
        ("dpo", "passthrough", [{**PAIR, "prompt": SAID}], ""),
        ("dpo", "my_data.transform", [{"anything": 1}], ""),  # its columns are the user's affair
        ("sft", "chat_template", [TALK], ""),
        ("sft", "chat_template", [{"turns": TALK["messages"]}], "    field_messages: turns\n"),
        ("sft", "chat_template", [{"messages": [{"from": "human", "value": SAID}]}],
         "    message_property_mappings: {role: from, content: value}\n"),
        ("sft", "chat_template", [{"messages": [{"role": "assistant", "tool_calls": []}]}], ""),
        ("sft", "completion", [{"body": SAID}], "    field: body\n"),
        ("sft", "alpaca:chat", [{"instruction": SAID, "output": SAID}], ""),
        ("sft", "pygmalion", [{"anything": 1}], ""),
        ("sft", "chat_template", [{"input_ids": [1], "attention_mask": [1], "labels": [1]}], ""),
    ],
)  # fmt: skip
def test_rows_that_fit(write, findings, rl, kind, rows, more, recipe):
    write("rows.jsonl", rows)
    assert findings("datasets", recipe(rl, kind, more=more)) == []


@pytest.mark.parametrize(
    ("rl", "kind", "row", "more", "key", "suggestion"),
    [
        ("dpo", "emp_plugins.pairs", {"prompt": SAID, "choosen": SAID, "rejected": SAID}, "",
         "path", "did you mean choosen?"),
        ("sft", "chat_template", TALK, "    field_messages: mesages\n", "field_messages",
         "did you mean messages?"),
        ("sft", "chat_template", {"conversations": TALK["messages"]}, "", "path",
         "set field_messages: conversations"),
        ("sft", "chat_template", {"messages": [{"from": "human", "value": SAID}]}, "", "path",
         "set message_property_mappings: {role: from, content: value}"),
    ],
)  # fmt: skip
def test_what_to_do(write, one, rl, kind, row, more, key, suggestion, recipe):
    write("rows.jsonl", [row, row])
    found = one("datasets", recipe(rl, kind, more=more))
    assert (found.key, found.suggestion) == (f"datasets[0].{key}", suggestion)
    assert "(and in 1 more of the first 2 rows)" in found.message


@pytest.mark.parametrize(
    ("rl", "kind", "row", "holds", "verb"),
    [
        ("dpo", "emp_plugins.pairs", PROMPT, "prompts (prompt)", "pairs"),
        ("dpo", "emp_plugins.pairs", RATED, "labelled replies (completion, label, prompt)",
         "pairs"),
        ("kto", "emp_plugins.kto", PAIR, "pairs (chosen, prompt, rejected)", "kto"),
        ("kto", "emp_plugins.kto", {"prompt": SAID, "completions": [SAID], "scores": [1]},
         "groups (completions, prompt, scores)", "kto"),
        ("orpo", "emp_plugins.orpo", TALK, "dialogues (messages)", "pairs"),
        ("grpo", "emp_plugins.prompts", TALK, "dialogues (messages)", "prompts"),
        ("sft", "chat_template", PAIR, "pairs (chosen, prompt, rejected)", "dialogues"),
    ],
)  # fmt: skip
def test_data_for_another_method(write, one, rl, kind, row, holds, verb, recipe):
    write("rows.jsonl", [row] * 3)
    found = one("datasets", recipe(rl, kind))
    method = "SFT" if rl == "sft" else f"rl: {rl}"
    assert f"rows.jsonl holds {holds}; {method} reads" in found.message
    assert found.suggestion == f"make them: emp-datagen {verb}"


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [
        ("{field_prompt: question}", PAIR, "question"),
        ("{field_chosen: good}", PAIR, "good"),
        ("{}", {"question": SAID}, "prompt"),
    ],
)
def test_a_type_of_the_users_own_fields(write, findings, kind, row, column, recipe):
    write("rows.jsonl", [row])
    found = findings("datasets", recipe("dpo", kind))
    assert any(f"rows.jsonl:1: {column}: no such column" in item.message for item in found)
    assert all(item.key in ("datasets[0].path", f"datasets[0].type.field_{column}")
               or item.key.startswith("datasets[0].type") for item in found)  # fmt: skip
