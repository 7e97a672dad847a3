"""The verb judge: files in, files out, and what it says of them."""

import json

import pytest
from click.testing import CliRunner

from emp_datagen.cli import main
from emp_datagen.jsonl import read_any

GOOD = {
    "prompt": "My dog died and I cry all day.",
    "chosen": "I am so sorry. It sounds like he was family to you. What do you miss most?",
    "rejected": "It is only a dog. You should get a new one and move on with your life now.",
}
TURNED = {**GOOD, "chosen": GOOD["rejected"], "rejected": GOOD["chosen"], "src": "b"}


def run(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("judge")
    for verb, more in (("pairs", ["--turns", 2]), ("kto", []), ("groups", ["--structure"])):
        made = run(
            verb, "--personas", "mdd,gad", "--n", 16, *more, "--out", place / f"{verb}.jsonl"
        )
        assert made.exit_code == 0, made.output
    return place


@pytest.mark.parametrize("verb", ["pairs", "kto", "groups"])
def test_our_files_are_judged_as_they_were_made(folder, verb):
    result = run("judge", folder / f"{verb}.jsonl")
    assert result.exit_code == 0, result.output
    before, after = folder / f"{verb}.jsonl", folder / f"{verb}.judged.jsonl"
    assert after.read_bytes() == before.read_bytes()
    assert result.stdout.startswith(f"16 rows written to {after} (sha256 ")
    assert "; 0 dropped; 0 failed" in result.stdout


def test_plain_text_of_several_turns_is_judged_as_it_was_made(tmp_path):
    path = tmp_path / "p.jsonl"
    made = run("pairs", "--personas", "mdd,gad", "--n", 16, "--turns", 3, "--format", "standard",
               "--header", "none", "--structure", "--out", path)  # fmt: skip
    assert made.exit_code == 0, made.output
    assert run("judge", path).exit_code == 0
    assert (tmp_path / "p.judged.jsonl").read_bytes() == path.read_bytes()


def test_the_last_line_and_the_report(tmp_path):
    path = write(tmp_path / "own.jsonl", GOOD, TURNED, {**GOOD, "src": "again"})
    result = run("judge", path)
    assert result.exit_code == 0, result.output
    line = result.stdout.splitlines()[-1]
    assert line.startswith("1 rows written to ")
    assert "; 2 dropped (disagree 1, duplicate 1); 0 failed" in line
    assert line.endswith("judges agree with 66.7% of the labels")
    report = json.loads((tmp_path / "own.judged.run.json").read_text())
    assert report["dropped"] == {"disagree": 1, "duplicate": 1} and report["attempted"] == 3
    stats = json.loads(run("stats", tmp_path / "own.judged.jsonl", "--format", "json").stdout)
    assert stats["dropped"] == report["dropped"] and stats["schema_valid"] is None


def test_swap_is_counted(tmp_path):
    result = run("judge", write(tmp_path / "own.jsonl", TURNED), "--swap")
    assert "; 1 swapped; 0 dropped" in result.stdout
    [row] = read_any(tmp_path / "own.judged.jsonl")
    assert row["chosen"] == GOOD["chosen"] and row["src"] == "b"


def test_parquet_in_and_out(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([GOOD, TURNED]), tmp_path / "own.parquet")
    assert run("judge", tmp_path / "own.parquet", "--keep-all").exit_code == 0
    first, second = read_any(tmp_path / "own.judged.parquet")
    assert first["scores"]["margin"] == -second["scores"]["margin"] > 0


def test_judges_and_options_come_from_a_recipe(tmp_path):
    recipe = tmp_path / "judges.yml"
    recipe.write_text(
        "command: judge\nmin-margin: 0.0\nkeep-all: true\nrewards: {tone: {weight: 1.0}}\n"
    )
    result = run("judge", write(tmp_path / "own.jsonl", GOOD), "--config", recipe)
    assert result.exit_code == 0, result.output
    [row] = read_any(tmp_path / "own.judged.jsonl")
    assert set(row["scores"]["chosen"]["rewards"]) == {"tone"}


def test_an_existing_file_is_not_replaced(tmp_path):
    path = write(tmp_path / "own.jsonl", GOOD)
    out = write(tmp_path / "own.judged.jsonl", {"keep": "me"})
    result = run("judge", path)
    assert result.exit_code == 2 and "exists; give --overwrite" in result.stderr
    assert list(read_any(out)) == [{"keep": "me"}]
    assert run("judge", path, "--overwrite").exit_code == 0
    assert "scores" in next(read_any(out))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("no.jsonl",), "no.jsonl: no such file"),
        (("own.jsonl", "--exclude", "no.jsonl"), "--exclude: no.jsonl: no such file"),
        (("own.jsonl", "--swap", "--keep-all"), "give one of them"),
        (("own.jsonl", "--judge", "gpt"), "write it as MODEL@URL"),
        (("own.jsonl", "--config", "bad.yml"), "did you mean 'min-margin'"),
        (("prompts.jsonl",), "prompts.jsonl:1: prompt rows have no reply"),
        (("broken.jsonl",), "broken.jsonl:2: not JSON"),
    ],
)
def test_mistakes(tmp_path, monkeypatch, args, message):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "own.jsonl", GOOD)
    write(tmp_path / "prompts.jsonl", {"prompt": "a"})
    (tmp_path / "broken.jsonl").write_text(json.dumps(GOOD) + '\n{"prompt"\n')
    (tmp_path / "bad.yml").write_text("min-margim: 1\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    result = run("judge", *args)
    assert result.exit_code == 2 and message in result.stderr
    assert "Traceback" not in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == before
