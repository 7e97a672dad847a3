import json

import pytest
import yaml
from click.testing import CliRunner

from emp_datagen.bank import load_bank
from emp_datagen.cli import main as datagen
from emp_tooling.cli import main
from emp_tooling.tiny import DEMO_BANK


@pytest.fixture
def prompts(tmp_path):
    path = tmp_path / "prompts.jsonl"
    command = ["prompts", "--personas", "mdd,gad", "--header", "short", "--n", "9"]
    done = CliRunner().invoke(datagen, [*command, "--out", str(path)])
    assert done.exit_code == 0, done.output
    return path


@pytest.fixture
def recipe(tmp_path, model_folder, adapter_folder):
    path = tmp_path / "recipe.yml"
    content = {
        "base_model": str(model_folder),
        "output_dir": str(adapter_folder),
        "adapter": "lora",
        "trl": {"max_completion_length": 8},
        "empathy": {"rewards": {"structure": {"weight": 0.5}, "safety": {"gate": True}}},
    }
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def run(recipe, prompts, out, *more):
    command = ["eval", str(recipe), "--prompts", str(prompts), "--out", str(out)]
    return CliRunner().invoke(main, [*command, *more])


def test_both_sides_are_measured_on_the_same_prompts(recipe, prompts, tmp_path):
    out = tmp_path / "made" / "evaluation.json"
    result = run(recipe, prompts, out, "--seed", "3")
    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text())
    assert found["recipe"] == str(recipe) and found["seed"] == 3
    for side in ("before", "after"):
        assert found[side]["n"] == len(found["completions"][side]) == 9
        assert list(found[side]["rewards"]) == ["structure", "safety"]
        assert found[side]["well_formed"] == found[side]["good"] == 0  # a random model
    assert found["completions"]["before"] != found["completions"]["after"]
    assert "progress 9/18 prompts" in result.output and "progress 18/18 prompts" in result.output
    run(recipe, prompts, tmp_path / "again.json", "--seed", "3")
    assert json.loads((tmp_path / "again.json").read_text()) == found


@pytest.mark.parametrize(
    ("bank", "errors"),
    [
        ([], load_bank().errors),  # the shipped one
        (["--bank", str(DEMO_BANK)], load_bank(DEMO_BANK).errors),
    ],
    ids=["shipped", "own"],
)
def test_replies_are_compared_with_the_bank_that_was_named(recipe, prompts, tmp_path, bank, errors):
    assert run(recipe, prompts, tmp_path / "o.json", "--n", "2", *bank).exit_code == 0
    found = json.loads((tmp_path / "o.json").read_text())
    assert list(found["before"]["errors"]) == list(errors)


def test_a_bank_that_is_not_there_is_one_line(recipe, prompts, tmp_path):
    result = run(recipe, prompts, tmp_path / "o.json", "--bank", str(tmp_path / "none"))
    assert result.exit_code == 2
    assert result.stderr == f"Error: {tmp_path / 'none'}: no such folder\n"


def test_a_recipe_without_adapter_compares_two_models(recipe, prompts, model_folder, tmp_path):
    content = yaml.safe_load(recipe.read_text())
    del content["adapter"]
    recipe.write_text(yaml.safe_dump({**content, "output_dir": str(model_folder)}))
    assert run(recipe, prompts, tmp_path / "o.json", "--n", "4").exit_code == 0
    found = json.loads((tmp_path / "o.json").read_text())
    assert found["before"]["n"] == 4
    assert found["completions"]["before"] == found["completions"]["after"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base_model": None}, "recipe.yml: base_model: expected a text, got nothing"),
        ({"output_dir": "/no/where"}, "/no/where: no adapter here"),
        ({"base_model": "/no/where"}, "/no/where: no usable model"),
        ({"trl": {"temperature": "hot"}}, "recipe.yml: trl.temperature"),
        ({"empathy": {"rewards": {"empaty": {}}}}, "did you mean 'empathy'?"),
    ],
)
def test_a_wrong_recipe_is_one_line_and_leaves_nothing(recipe, prompts, tmp_path, change, words):
    recipe.write_text(yaml.safe_dump({**yaml.safe_load(recipe.read_text()), **change}))
    result = run(recipe, prompts, tmp_path / "o.json")
    assert result.exit_code == 2
    assert words in result.stderr.splitlines()[-1] and result.stderr.count("Error: ") == 1
    assert not (tmp_path / "o.json").exists()


def test_a_broken_prompt_names_file_and_line(recipe, prompts, tmp_path):
    with prompts.open("a") as file:
        file.write('{"id": "x"}\n')
    result = run(recipe, prompts, tmp_path / "o.json")
    assert result.exit_code == 2 and "prompts.jsonl:10: " in result.output
