import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from emp_tooling.cli import main

ROOT = Path(__file__).parents[3]
RECIPES = sorted((ROOT / "recipes").glob("*.yml"))
FOLDER = ("--folder", ROOT / "recipes")


def run(*args):
    return CliRunner().invoke(main, ["recipes", *map(str, args)])


def test_json_lists_every_recipe():
    done = run(*FOLDER, "--format", "json")
    assert done.exit_code == 0, done.output
    found = {one["name"]: one for one in json.loads(done.stdout)}
    assert set(found) == {path.stem for path in RECIPES}
    for one in found.values():
        assert one["what"] and one["base_model"] and one["datasets"] and one["memory"], one["name"]
    assert found["llama31_dpo_cbt_fsdp2"] == {
        "name": "llama31_dpo_cbt_fsdp2",
        "file": str(ROOT / "recipes/llama31_dpo_cbt_fsdp2.yml"),
        "what": found["llama31_dpo_cbt_fsdp2"]["what"],
        "method": "dpo",
        "base_model": "meta-llama/Llama-3.1-8B-Instruct",
        "adapter": "lora",
        "memory": {"gpus": 2, "gigabytes": 24},
        "datasets": ["data/pairs.jsonl"],  # what it is tested on is not listed
    }
    assert found["tiny_sft"]["adapter"] == "full" and found["tiny_sft"]["memory"]["gpus"] == 0


def test_table_has_a_line_for_each():
    done = run(*FOLDER)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    for path in RECIPES:
        assert sum(path.stem in line.split() for line in lines) == 1
    assert "no GPU" in done.stdout and "2 x 48 GB" in done.stdout


def test_a_header_that_says_nothing(tmp_path):
    (tmp_path / "bare.yml").write_text("base_model: x\ndatasets: [{path: hub/data}, 3]\n")
    (one,) = json.loads(run("--folder", tmp_path, "--format", "json").stdout)
    assert (one["what"], one["memory"], one["datasets"]) == ("", None, ["hub/data"])
    assert " ? " in run("--folder", tmp_path).stdout


def test_a_file_that_is_no_recipe_is_told_beside_the_others(tmp_path):
    (tmp_path / "good.yml").write_text("base_model: x\n")
    (tmp_path / "list.yml").write_text("- 1\n")
    (tmp_path / "tab.yml").write_text("a:\n\tb: 1\n")
    done = run("--folder", tmp_path)
    assert done.exit_code == 2
    assert "good" in done.stdout
    first, second = done.stderr.splitlines()
    assert first.startswith(f"Error: {tmp_path}/list.yml: a recipe is a mapping")
    assert second.startswith(f"Error: {tmp_path}/tab.yml:2:1: ")


def test_new_writes_what_it_says(tmp_path):
    source = "llama31_dpo_cbt"
    done = run(*FOLDER, "new", "mine", "--from", source, "--base-model", "org/m", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{tmp_path}/mine.yml: {source}.yml with base_model org/m; ")
    assert f"emp check {tmp_path}/mine.yml" in done.stdout
    assert "\nbase_model: org/m\n" in (tmp_path / "mine.yml").read_text()


def test_new_goes_to_the_folder_of_the_recipes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/a.yml").write_text("base_model: x\noutput_dir: out/a\n")
    for number, source in enumerate(("a", "a.yml", "recipes/a", "recipes/a.yml")):
        done = run("new", f"b{number}", "--from", source, "--base-model", "y")
        assert done.exit_code == 0, done.output
        made = (tmp_path / f"recipes/b{number}.yml").read_text()
        assert made == f"base_model: y\noutput_dir: out/b{number}\n"


WRONG = [
    (("nwe",), "nwe: no such command; did you mean 'new'?"),
    (("--folder", "none"), "none: no such folder; run in the repository, or name it by --folder"),
    (("--folder", "empty"), "empty: no recipes in it (*.yml)"),
    (("new", "b", "--from", "lama", "--base-model", "m"), "did you mean 'llama'?"),
    (("new", "b", "--from", "else/llama.yml", "--base-model", "m"), "no such recipe in recipes"),
    (("new", "b", "--from", "broken", "--base-model", "m"), "broken.yml:2:1: "),
    (("new", "b", "--from", "llama", "--base-model", " "), "--base-model: expected a folder"),
    (("new", "b/c", "--from", "llama", "--base-model", "m"), "write c --out b"),
    (("new", "llama", "--from", "llama", "--base-model", "m"), "exists already"),
    (("new", "b", "--from", "llama", "--base-model", "m", "--out", "recipes/llama.yml"), "llama"),
]


@pytest.mark.parametrize(("args", "said"), WRONG, ids=lambda value: " ".join(value)[:40])
def test_wrong_input_is_one_line(args, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/llama.yml").write_text("base_model: x\noutput_dir: out/a\n")
    (tmp_path / "recipes/broken.yml").write_text("a: [\n")
    done = run(*args)
    assert done.exit_code == 2
    assert done.output.startswith("Error: ") and done.output.count("\n") == 1
    assert said in done.output
    assert sorted(os.listdir("recipes")) == ["broken.yml", "llama.yml"]
