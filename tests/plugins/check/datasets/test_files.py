"""Paths as users write them."""

import pytest

SAID = "Orpheus-never-slept-again"  # as in conftest.py
USER = [{"role": "user", "content": SAID}]
PAIR = {"prompt": USER, "chosen": f"{SAID}!", "rejected": SAID}


PROMPT = {"prompt": USER}
HINT = "emp-datagen prompts makes data for rl: grpo"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("    ds_type: csv\n", "csv, but rows.jsonl ends like json"),
        ("    ds_type: parquet\n", "parquet, but rows.jsonl ends like json"),
        ("    ds_type: json\n", ""),
        ("", ""),
    ],
)
def test_ds_type(write, findings, more, fault, recipe):
    write("rows.jsonl", [PROMPT])
    found = findings("datasets", recipe("grpo", "emp_plugins.prompts", more=more))
    assert [item.message for item in found] == ([fault] if fault else [])
    # DPO has no such key: the check of keys says so, and the suffix decides
    write("rows.jsonl", [PAIR])
    assert findings("datasets", recipe("dpo", "emp_plugins.pairs", more=more)) == []


@pytest.mark.parametrize(
    ("path", "more", "key", "message", "suggestion"),
    [
        ("rowz.jsonl", "", "path", "rowz.jsonl: no such file", "did you mean rows.jsonl?"),
        ("sub/row.jsonl", "", "path", "no such file", "did you mean sub/rows.jsonl?"),
        ("nowhere/x.jsonl", "", "path", "no such file", HINT),
        ("data/prompt.jsonl", "", "path", "no such file", "did you mean data/prompts.jsonl?"),
        ("./absent", "", "path", "no such file", HINT),
        ("~/rows.jsonl", "", "path", "~ is not expanded here", "write the whole path"),
        ("sub/*.jsonl", "", "path", "Axolotl takes no pattern here",
         "set path: sub and data_files: [sub/*.jsonl]"),
        ("empty", "", "path", "empty: no JSON, CSV, Parquet or Arrow file in it", ""),
        # files are looked for from the working folder, not from the folder of path
        ("sub", "    data_files: [rows_x.jsonl]\n", "data_files", "rows_x.jsonl: no such file",
         "did you mean sub/rows_x.jsonl?"),
        ("sub", "    data_files: sub/*.csv\n", "data_files", "sub/*.csv: no such file", ""),
    ],
)  # fmt: skip
def test_paths(here, write, one, path, more, key, message, suggestion, recipe):
    for name in ("rows.jsonl", "sub/rows.jsonl", "sub/rows_x.jsonl"):
        write(name, [PROMPT])
    (here / "empty").mkdir()
    found = one("datasets", recipe("grpo", "emp_plugins.prompts", path, more))
    assert found.key == f"datasets[0].{key}"
    assert found.severity == "error"
    assert message in found.message
    assert found.suggestion == suggestion


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("org/name", ""),  # the hub is not asked
        ("imdb", ""),
        ("s3://bucket/rows.jsonl", ""),
        ("https://example.org/rows.jsonl", ""),
        ("sub", ""),
        ("sub", "    data_files: [sub/*.jsonl]\n"),
        ("./sub/rows.jsonl", ""),
    ],
)
def test_paths_that_are_right(write, findings, path, more, recipe):
    write("sub/rows.jsonl", [PROMPT])
    assert findings("datasets", recipe("grpo", "emp_plugins.prompts", path, more)) == []


def test_every_file_of_a_folder_is_read(write, findings, recipe):
    write("sub/a.jsonl", [PROMPT])
    write("sub/deep/b.jsonl", [{"prompt": ""}])
    found = findings("datasets", recipe("grpo", "emp_plugins.prompts", "sub"))
    assert [item.message for item in found] == ["sub/deep/b.jsonl:1: prompt: is empty"]
