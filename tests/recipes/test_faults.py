"""Every fault of the table is found at its line, and the shipped recipes raise nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import emp_datagen.cli
from emp_plugins.check import CHECKS, SMOKE, check
from emp_plugins.check.recipe import Recipe
from emp_tooling.benchmarks.faults import load_faults, write
from emp_tooling.benchmarks.faults.__main__ import found_by_check, hits
from emp_tooling.check.command import command

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "recipes"
NAMES = sorted(path.stem for path in RECIPES.glob("*.yml"))
FAULTS = load_faults()
DATA = ("pairs", "kto", "prompts", "dialogues")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The repository's root after the commands of the recipes' headers."""
    folder = tmp_path_factory.mktemp("root")
    (folder / "recipes").symlink_to(RECIPES)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for verb in DATA:
            command = [verb, "--personas", "mdd", "--n", "24"]
            command += ["--no-judge"] if verb in ("pairs", "kto") else []
            done = CliRunner().invoke(emp_datagen.cli.main, command)
            assert done.exit_code == 0, done.output
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    (folder / "build").mkdir()
    (folder / "build/unaligned.jsonl").write_text(json.dumps({"messages": turns}) + "\n")
    return folder


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_at_its_line(folder, tmp_path, monkeypatch, name):
    fault = FAULTS[name]
    file = write(fault, RECIPES, tmp_path)
    monkeypatch.chdir(folder)
    found = found_by_check(file)
    text = (RECIPES / f"{fault.recipe}.yml").read_text()
    assert hits(fault, text, found), [str(finding) for finding in found]
    assert all("\n" not in str(finding) for finding in found)


def test_the_table_is_long_and_varied():
    assert len(FAULTS) >= 60
    assert len({fault.group for fault in FAULTS.values()}) >= 8
    assert len({fault.recipe for fault in FAULTS.values()}) >= 8


@pytest.mark.parametrize("data", [True, False], ids=["data", "no_data"])
@pytest.mark.parametrize("name", NAMES)
def test_shipped_recipes_raise_nothing(folder, tmp_path, monkeypatch, name, data):
    if not data:
        (tmp_path / "recipes").symlink_to(RECIPES)
    monkeypatch.chdir(folder if data else tmp_path)
    found = check(Recipe.read(f"recipes/{name}.yml"), (*CHECKS, SMOKE))
    assert [str(finding) for finding in found if finding.severity != "note"] == []


def test_readme_shows_what_the_command_says(tmp_path, monkeypatch):
    """But for the notes, whose estimate of memory is shortened there."""
    text = (RECIPES / "llama31_grpo_empathy.yml").read_text()
    for right, wrong in {
        "affective_shift: {weight: 1.0}": "affective_shift: {weight: 1.0, target: deficits}",
        "num_generations: 3": "num_generation: 8",
        "  log_completions:": "  generation_kwargs: {top_k: 50}\n  log_completions:",
    }.items():
        assert right in text
        text = text.replace(right, wrong)
    (tmp_path / "recipes").symlink_to(RECIPES)
    (tmp_path / "my.yml").write_text(text)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, ["my.yml"])
    assert done.exit_code == 1
    block = (ROOT / "README.md").read_text().split("$ emp check my.yml\n")[1].split("```")[0]

    def without_notes(text):
        return [line for line in text.splitlines() if ": note: " not in line]

    assert without_notes(block) == without_notes(done.output)
