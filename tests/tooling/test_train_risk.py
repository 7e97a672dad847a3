"""``emp train-risk`` on a made-up folder of two writers."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from emp_plugins.judges.embedded import weights
from emp_plugins.judges.embedded.risk import SHIPPED, LinearRisk
from emp_tooling.cli import main
from emp_tooling.train_risk import BACKGROUND, _background

pytest.importorskip("sklearn")

TEXTS = {
    (3, "explicit"): ["i want to kill myself", "i want to die", "i have thoughts of suicide"],
    (2, "coded"): ["no point in waking up", "they do better without me", "let it all be over"],
    (0, "none"): ["i want to bake bread", "the bus was late", "we do better at home", "let me try"],
}
DAYS = ["today", "tonight", "again", "since june"]
READERS = ("phrase tables", "judge", "both")


@pytest.fixture
def messages(tmp_path):
    folder = tmp_path / "messages"
    folder.mkdir()
    rows = [
        {"text": f"{text} {day}", "level": level, "kind": kind}
        for (level, kind), texts in TEXTS.items()
        for text in texts
        for day in DAYS
    ]
    for name in ("a", "b"):
        lines = (json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text("".join(lines))
    return folder


def run(*arguments):
    return CliRunner().invoke(main, ["train-risk", *map(str, arguments)])


def kept(folder):
    return {path: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def test_check_writes_nothing(messages, tmp_path):
    before = kept(tmp_path), SHIPPED.read_bytes()
    done = run("--messages", messages, "--out", tmp_path / "out", "--check")
    assert done.exit_code == 0, done.output
    assert (kept(tmp_path), SHIPPED.read_bytes()) == before
    assert not (tmp_path / "out").exists()
    first, *rest = done.stdout.splitlines()
    assert first == "80 messages; AUC of the judge on writers it never saw 1.000"
    assert len(rest) == len(READERS)
    for line, name in zip(rest, READERS, strict=True):
        assert line.startswith(name) and "recall explicit " in line and "false alarms " in line


def test_out_writes_a_judge_and_leaves_the_shipped_one(messages, tmp_path):
    before = SHIPPED.read_bytes()
    out = tmp_path / "new" / "out"
    done = run("--messages", messages, "--out", out)
    assert done.exit_code == 0, done.output
    assert [file.name for file in out.iterdir()] == ["risk.safetensors"]
    size = (out / "risk.safetensors").stat().st_size
    assert done.stdout.splitlines()[-1] == f"wrote {out / 'risk.safetensors'} ({size:,} bytes)"
    judge = LinearRisk(weights.read(out / "risk.safetensors"))
    risky, plain = judge.score(["no point in waking up", "we bake bread at home"])
    assert risky > 0.5 > plain
    assert SHIPPED.read_bytes() == before


def test_background_is_learned_from(messages, tmp_path):
    tsv = tmp_path / "train.tsv"
    tsv.write_text("".join(f"what a point by them {n}\t27\tid{n}\n" for n in range(30)))
    for name, more in {"without": (), "with": ("--background", tsv)}.items():
        done = run("--messages", messages, "--out", tmp_path / name, *more)
        assert done.exit_code == 0, done.output
        assert done.stdout.startswith("80 messages; ")  # the table is of the messages alone
    judges = [
        LinearRisk(weights.read(tmp_path / name / "risk.safetensors"))
        for name in ("without", "with")
    ]
    without, with_it = (judge.score(["what a point by them"])[0] for judge in judges)
    assert with_it < without


def test_what_of_a_background_file_is_taken(tmp_path):
    tsv = tmp_path / "train.tsv"
    lines = [
        "first\t1\tid",
        "a\u2028b\x85c\t1\tid",  # characters that only look like the end of a line
        "no tab",
        "\t1\tid",  # no text
        "  ",
        "I want to kill myself\t1\tid",  # the tables read risk
        "I feel hopeless\t1\tid",  # and here level 1
        *(f"text {number}\t1\tid" for number in range(BACKGROUND)),
    ]
    tsv.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    found = _background(tsv)
    assert found[:4] == ["first", "a\u2028b\x85c", "no tab", "text 0"]
    assert len(found) == BACKGROUND


def spoilt(tmp_path, messages):
    (messages / "b.jsonl").write_text('{"text": "a", "level": 9, "kind": "none"}\n')
    return ("--messages", messages)


def latin(tmp_path, messages):
    (tmp_path / "latin.tsv").write_bytes(b"caf\xe9\t1\tid\n")
    return ("--messages", messages, "--background", tmp_path / "latin.tsv")


def alone(tmp_path, messages):
    (messages / "b.jsonl").unlink()
    return ("--messages", messages)


WRONG = {
    "no such folder": (lambda tmp, _: ("--messages", tmp / "none"), "no *.jsonl with messages"),
    "nothing in it": (lambda tmp, _: ("--messages", tmp), "no *.jsonl with messages"),
    "a bad row": (spoilt, "b.jsonl:1: level is 0 to 4"),
    "one writer": (alone, "need two files or more"),
    "no background": (
        lambda tmp, messages: ("--messages", messages, "--background", tmp / "none.tsv"),
        "none.tsv: cannot be read",
    ),
    "not UTF-8": (latin, "latin.tsv: cannot be read"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_one_line(messages, tmp_path, case):
    arguments, said = WRONG[case]
    before = SHIPPED.read_bytes()
    done = run(*arguments(tmp_path, messages), "--out", tmp_path / "out")
    assert done.exit_code == 2, done.output
    assert done.output.startswith("Error: ") and done.output.count("\n") == 1
    assert said in done.output
    assert not (tmp_path / "out").exists() and SHIPPED.read_bytes() == before
