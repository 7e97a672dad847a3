"""Rows that are too long, counted with a real tokenizer."""

import pytest

SAID = "Orpheus-never-slept-again"  # as in conftest.py
USER = [{"role": "user", "content": SAID}]
PAIR = {"prompt": USER, "chosen": f"{SAID}!", "rejected": SAID}


@pytest.fixture
def tokenizer(here):
    """A real tokenizer whose tokens are words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    (here / "model").mkdir()
    made.save(str(here / "model/tokenizer.json"))


@pytest.mark.parametrize(
    ("rl", "kind", "row", "keys", "severity", "message"),
    [
        # 30 words and 4 tokens around them in 40 - 10 = 30
        ("grpo", "emp_plugins.prompts", {"prompt": f"{SAID} " * 30}, "sequence_len: 40", "warning",
         "about 2 of the first 2 prompts are longer than the 30 that sequence_len 40 leaves beside "
         "max_completion_length 10, the longest about 34 tokens; GRPO neither cuts nor drops them"),
        ("grpo", "emp_plugins.prompts", {"prompt": f"{SAID} " * 20}, "sequence_len: 40", "", ""),
        ("dpo", "emp_plugins.pairs", {**PAIR, "chosen": f"{SAID} " * 60}, "sequence_len: 64",
         "error", "about 2 of the first 2 rows are longer than sequence_len 64"),
        ("dpo", "emp_plugins.pairs", {**PAIR, "chosen": f"{SAID} " * 50}, "sequence_len: 64",
         "", ""),
        ("dpo", "emp_plugins.pairs", {**PAIR, "chosen": f"{SAID} " * 60},
         "sequence_len: 64\nexcess_length_strategy: truncate", "", ""),
        ("sft", "chat_template", {"messages": USER * 200}, "seed: 0", "error", "sequence_len 512"),
    ],
)  # fmt: skip
def test_lengths(write, findings, tokenizer, rl, kind, row, keys, severity, message, recipe):
    write("rows.jsonl", [row, row])
    trl = "trl: {max_completion_length: 10}\n" if rl == "grpo" else ""
    found = findings("datasets", recipe(rl, kind) + f"base_model: model\n{keys}\n{trl}")
    assert [item.severity for item in found] == ([severity] if severity else [])
    assert all(message in item.message for item in found)


def test_the_system_prompt_counts(write, findings, tokenizer, recipe):
    write("rows.jsonl", [{"prompt": f"{SAID} " * 20}])
    write("template.yml", f"system: {'word ' * 30}\n")
    text = recipe("grpo", "emp_plugins.prompts") + "base_model: model\nsequence_len: 50\n"
    text += "trl: {max_completion_length: 10}\n"
    assert findings("datasets", text) == []
    found = findings("datasets", text + "empathy: {template: template.yml}\n")
    assert "the longest about 58 tokens" in found[0].message


def test_some_long_rows_are_a_warning(write, one, tokenizer, recipe):
    write("rows.jsonl", [{**PAIR, "chosen": f"{SAID} " * 60}, PAIR])
    text = recipe("dpo", "emp_plugins.pairs") + "base_model: model\nsequence_len: 64\n"
    found = one("datasets", text)
    assert (found.severity, found.suggestion) == ("warning", "sequence_len: 128")
    assert "about 1 of the first 2 rows" in found.message
