"""Files that can and cannot be read."""

import json

import pytest

SAID = "Orpheus-never-slept-again"  # as in conftest.py
USER = [{"role": "user", "content": SAID}]
PAIR = {"prompt": USER, "chosen": f"{SAID}!", "rejected": SAID}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "rows.jsonl: the file is empty"),
        (b"\n\n", "rows.jsonl: no rows in it"),
        (json.dumps(PAIR).encode() + b"\n{\n", "rows.jsonl:2: not JSON: Expecting property name"),
        (b"\xff\n", "rows.jsonl:1: not UTF-8 at byte 0"),
        (b"[[]]", "rows.jsonl:1: expected an object, got list"),
        (b"3\n", "rows.jsonl:1: expected an object, got int"),
        (b"[" * 100_000, "rows.jsonl:1: "),  # no recursion error reaches the user
        # a fault far down still stops Axolotl with a traceback
        ((json.dumps(PAIR) + "\n").encode() * 500 + b"{]\n", "rows.jsonl:501: not JSON"),
        (b'[\n{"prompt": "a",\n "chosen": }]', "rows.jsonl:3: not JSON"),
    ],
)
def test_a_file_that_cannot_be_read(write, one, content, message, recipe):
    write("rows.jsonl", content)
    found = one("datasets", recipe("dpo", "emp_plugins.pairs"))
    assert found.key == "datasets[0].path"
    assert found.line == 3
    assert found.severity == "error"
    assert message in found.message


def test_csv(write, findings, recipe):
    write("rows.csv", f'prompt,completion,label\n"{SAID}\nand more",b,True\na,{SAID},maybe\n')
    found = findings("datasets", recipe("kto", "emp_plugins.kto", "rows.csv"))
    assert [item.message for item in found] == [
        "rows.csv:4: label: expected true or false, got a text"  # the first row has two lines
    ]
    write("rows.csv", "prompt,completion,label\na,b,True,\n")
    found = findings("datasets", recipe("kto", "emp_plugins.kto", "rows.csv"))
    assert found[0].message == "rows.csv:2: more cells than the header has"


def test_parquet_and_arrow(here, findings, recipe):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.Table.from_pylist([PAIR, {**PAIR, "chosen": " "}])
    parquet.write_table(table, here / "rows.parquet")
    with pyarrow.ipc.new_stream(str(here / "rows.arrow"), table.schema) as stream:
        stream.write_table(table)
    for name in ("rows.parquet", "rows.arrow"):
        found = findings("datasets", recipe("dpo", "emp_plugins.pairs", name))
        assert [item.message for item in found] == [f"{name}: row 2: chosen: is empty"]
    (here / "rows.parquet").write_text(SAID)
    found = findings("datasets", recipe("dpo", "emp_plugins.pairs", "rows.parquet"))
    assert found[0].message.startswith("rows.parquet: no Parquet file")


def test_a_list_of_objects_has_lines(write, one, recipe):
    write("rows.json", json.dumps([PAIR, {"prompt": SAID, "chosen": SAID}], indent=1))
    found = one("datasets", recipe("dpo", "emp_plugins.pairs", "rows.json"))
    line = json.dumps([PAIR], indent=1).count("\n") + 1
    assert found.message == f"rows.json:{line}: rejected: no such column"


def test_text_files_are_not_read(write, one, recipe):
    write("rows.txt", SAID)
    found = one("datasets", recipe("sft", "completion", "rows.txt"))
    assert (found.severity, "rows not checked" in found.message) == ("note", True)
