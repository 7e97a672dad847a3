import json
import shutil

import pytest
import yaml
from click.testing import CliRunner

from emp_tooling.cli import main

from .runs import RECIPE, evaluation


def report(*arguments):
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


def test_it_writes_the_page_and_says_what_is_wrong(healthy, harsh, tmp_path):
    done = report(healthy, harsh, "--out", tmp_path / "made/r.html")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[-1] == f"wrote {tmp_path / 'made/r.html'}"
    assert any(line.startswith(f"{harsh.name}: low Temper") for line in lines)
    assert not any(line.startswith("healthy: ") for line in lines)
    assert "worn out" not in done.output  # what clients say is on the page only
    page = (tmp_path / "made/r.html").read_text()
    assert page.startswith("<!doctype html>") and "Report on healthy, " in page


def test_evaluation_and_recipe_can_be_named(healthy, tmp_path):
    result, recipe = tmp_path / "e.json", tmp_path / "mine.yml"
    result.write_text(json.dumps(evaluation("better")))
    recipe.write_text(yaml.safe_dump({**RECIPE, "base_model": "another/base"}))
    out = tmp_path / "r.html"
    done = report(healthy, "--eval", result, "--recipe", recipe, "--out", out)
    assert done.exit_code == 0, done.output
    page = out.read_text()
    assert "another/base" in page and "&quot;better&quot;" in page


def test_it_opens_the_page_only_when_asked(healthy, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("click.launch", opened.append)
    for more, count in ((), 0), (("--open",), 1):
        done = report(healthy, "--out", tmp_path / "r.html", *more)
        assert done.exit_code == 0 and opened == [str(tmp_path / "r.html")] * count


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "no such folder"),
        (["{empty}"], "no training log: expected checkpoint-*/trainer_state.json or monitor.jsonl"),
        (["{run}", "--eval", "nowhere.json"], "nowhere.json: no such file"),
        (["{run}", "--recipe", "nowhere.yml"], "nowhere.yml: no such file"),
        (["{run}", "{run}", "--eval", "a.json"], "--eval: one for each run: 2, not 1"),
        (["{run}", *["--recipe", "a.yml"] * 3], "--recipe: one for each run: 1, not 3"),
        (["{run}"] * 7, "7 runs: at most 6"),
    ],
)
def test_bad_input_is_one_line(healthy, tmp_path, arguments, words):
    places = {"run": healthy, "empty": tmp_path}
    filled = [argument.format(**places) for argument in arguments]
    done = report(*filled, "--out", tmp_path / "r.html")
    assert done.exit_code == 2 and words in done.output
    assert done.output.startswith("Error: ") and done.output.count("\n") == 1
    assert not (tmp_path / "r.html").exists()


def test_half_written_lines_are_counted_on_stderr(healthy, tmp_path):
    run = shutil.copytree(healthy, tmp_path / "cut")
    with (run / "monitor.jsonl").open("a") as file:
        file.write('{"kind": "poi')
    done = report(run, "--out", tmp_path / "r.html")
    assert done.exit_code == 0, done.output
    assert "note: cut: 1 half-written line skipped" in done.stderr.splitlines()
