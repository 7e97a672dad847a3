"""Where a run comes from, without what must not be told."""

import hashlib
import json

import pytest

from emp_plugins.monitor.prompts import Prompts
from emp_plugins.monitor.provenance import data_files, run_line, without_secrets

PROMPTS = Prompts("held.jsonl", "0" * 64, ({"prompt": []},) * 3)


@pytest.mark.parametrize(
    ("recipe", "shown"),
    [
        ({"hub_token": "x", "HF_TOKEN": "x", "api_key": "x", "password": "x"}, {}),
        ({"wandb": {"key": "x", "project": "p"}}, {"wandb": {"project": "p"}}),
        ({"datasets": [{"path": "a", "secret": "x"}]}, {"datasets": [{"path": "a"}]}),
        # These end alike and are no secrets.
        ({"special_tokens": {"pad_token": "<pad>"}}, {"special_tokens": {"pad_token": "<pad>"}}),
        ({"max_new_tokens": 3, "api_key_env": "KEY"}, {"max_new_tokens": 3, "api_key_env": "KEY"}),
        ({"monkey": 1, "tokenizer_type": "x"}, {"monkey": 1, "tokenizer_type": "x"}),
        ({"url": "http://me:pw@localhost:8000/v1"}, {"url": "http://localhost:8000/v1"}),
        ({1: (1.5, None, True)}, {"1": [1.5, None, True]}),
    ],
)
def test_secrets_are_left_out(recipe, shown):
    assert without_secrets(recipe) == shown


def test_data_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_bytes(b"{}\n{}\n{}")  # the last line has no end
    (tmp_path / "more").mkdir()
    (tmp_path / "more/a.parquet").write_bytes(b"PAR1")
    (tmp_path / "more/notes.md").write_bytes(b"no data")
    recipe = {"datasets": [{"path": "rows.jsonl"}, {"path": "more"}, {"path": "org/hub"}, "x", {}]}
    rows, other = data_files(recipe)
    assert rows == {
        "path": "rows.jsonl",
        "sha256": hashlib.sha256(b"{}\n{}\n{}").hexdigest(),
        "rows": 3,
    }
    assert other["path"] == "more/a.parquet" and "rows" not in other
    named = {"datasets": [{"path": "json", "data_files": "rows.jsonl"}]}  # path is a format there
    assert [file["path"] for file in data_files(named)] == ["rows.jsonl"]


def test_the_first_line_of_a_record():
    recipe = {"base_model": "org/model", "rl": "DPO", "seed": 3, "hub_token": "x"}
    more = {"prompts": PROMPTS, "every_steps": 50, "world_size": 2}
    line = run_line(recipe, step=0, weights={"safety": 2.0}, **more)
    json.dumps(line, allow_nan=False)
    assert (line["method"], line["seed"], line["every_steps"]) == ("dpo", 3, 50)
    assert line["prompts"] == {"path": "held.jsonl", "sha256": "0" * 64, "n": 3}
    assert line["recipe"] == {"base_model": "org/model", "rl": "DPO", "seed": 3}
    assert {"torch", "trl", "empathy-recipes"} <= set(line["versions"])
    assert line["rewards"] == {"safety": 2.0} and line["data"] == []
    assert run_line({}, step=0, weights={}, **more)["method"] == "sft"
