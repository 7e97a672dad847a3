import json

import pytest
from click.testing import CliRunner

from emp_datagen import jsonl
from emp_datagen.cli import main
from emp_datagen.personas import SPLITS, load
from emp_plugins.affect.state import State, parse


def run(*args):
    return CliRunner().invoke(main, ["prompts", *args])


def made(path, *args):
    result = run("--out", str(path), *args)
    assert result.exit_code == 0, result.output
    return jsonl.read_rows(path, "prompt")


def test_typed_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = run()
    again = run()
    assert first.exit_code == again.exit_code == 0
    assert first.output == again.output
    assert first.stdout.startswith("400 rows written to data/prompts.jsonl (sha256 ")
    assert "persona: gad 200, mdd 200; risk: 0 " in first.stdout


def test_the_seed_decides(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        made(tmp_path / name, "--n", "40", "--seed", str(seed))
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_splits_share_no_situation(tmp_path):
    said = {name: [s.text for p in load() for s in p.situations_of(name)] for name in SPLITS}
    for split, present in said.items():
        absent = [text for other in SPLITS if other != split for text in said[other]]
        rows = made(tmp_path / split, "--n", "300", "--split", split)
        texts = [row["prompt"][0]["content"] for row in rows]
        assert not any(situation in text for situation in absent for text in texts)
        assert all(any(situation in text for situation in present) for text in texts)


@pytest.mark.parametrize("style", ["full", "short", "none"])
def test_headers(tmp_path, style):
    for row in made(tmp_path / "p.jsonl", "--n", "30", "--header", style):
        header, message = parse(row["prompt"][0]["content"])
        if style == "none":
            assert header is None
            continue
        assert (header.style, header.diagnosis) == (style, row["diagnosis"])
        if style == "full":
            assert list(header.affect) == row["state"]["affect"]
            assert header.severity == row["severity"]
            assert header.trend == State.from_row(row["state"]).trend
        assert not message.startswith("Patient:")


def test_rows_are_distinct_and_null_where_there_is_no_reply(tmp_path):
    rows = made(tmp_path / "p.jsonl", "--n", "500", "--header", "none")
    assert len({row["id"] for row in rows}) == 500
    assert len({row["prompt"][0]["content"] for row in rows}) == 500
    assert {(row["error"], row["scores"], row["teacher"]) for row in rows} == {
        (None, None, "scripted")
    }


def test_standard_format(tmp_path):
    row = made(tmp_path / "p.jsonl", "--n", "1", "--format", "standard")[0]
    assert row["prompt"].startswith("[USER STATE]\n")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--personas", "mddd"], "did you mean 'mdd'?"),
        (["--n", "0"], "'--n'"),
        (["--n", "-3"], "'--n'"),
        (["--persona-dir", "nowhere"], "nowhere: no persona files"),
        (["--split", "test"], "'--split'"),
    ],
)
def test_mistakes(tmp_path, monkeypatch, args, words):
    monkeypatch.chdir(tmp_path)
    result = run(*args)
    assert result.exit_code == 2 and words in result.stderr
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


def test_a_file_stands_where_a_folder_should(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("--out", str(tmp_path / "file" / "x.jsonl"))
    assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("Error: ")


def test_own_persona(tmp_path):
    source = (load.__globals__["SHIPPED"] / "mdd.yml").read_text(encoding="utf-8")
    (tmp_path / "mine.yml").write_text(source.replace("diagnosis: MDD", "diagnosis: PDD"))
    rows = made(
        tmp_path / "p.jsonl", "--n", "4", "--personas", "mine", "--persona-dir", str(tmp_path)
    )
    assert {(row["persona"], row["diagnosis"]) for row in rows} == {("mine", "PDD")}


def test_loads_as_a_dataset(tmp_path):
    path = tmp_path / "p.jsonl"
    rows = made(path, "--n", "20")
    from datasets import load_dataset

    data = load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "c"))
    assert data.num_rows == 20
    assert json.loads(json.dumps(data[0])) == rows[0]
