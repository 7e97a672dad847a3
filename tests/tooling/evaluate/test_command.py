"""`emp eval` on tiny random models, and what it says to mistakes."""

import json
import shutil

import pytest
import yaml
from click.testing import CliRunner

from emp_datagen.cli import main as datagen
from emp_tooling.cli import main

REWARDS = {"structure": {"weight": 0.5}, "safety": {"gate": True}}


@pytest.fixture(scope="module")
def prompts(tmp_path_factory):
    path = tmp_path_factory.mktemp("prompts") / "prompts.jsonl"
    command = ["prompts", "--personas", "mdd,gad", "--header", "short", "--n", "9"]
    done = CliRunner().invoke(datagen, [*command, "--out", str(path)])
    assert done.exit_code == 0, done.output
    return path


@pytest.fixture
def recipe(tmp_path):
    """Writes a recipe; without folders of its own it has no model at all."""

    def write(**changes):
        path = tmp_path / "recipe.yml"
        content = {"base_model": "some/base", "output_dir": str(tmp_path / "none")}
        content |= {"adapter": "lora", "empathy": {"rewards": REWARDS}}
        content |= {"trl": {"max_completion_length": 8}}
        path.write_text(yaml.safe_dump({**content, **changes}, sort_keys=False))
        return path

    return write


def run(recipe, prompts, out, *more):
    command = ["eval", str(recipe), "--prompts", str(prompts), "--out", str(out)]
    return CliRunner().invoke(main, [*command, *more])


def test_an_adapter_and_its_base_meet_everything(
    recipe, prompts, tmp_path, model_folder, adapter_folder
):
    path = recipe(base_model=str(model_folder), output_dir=str(adapter_folder))
    small = ("--n", "4", "--dialogues", "4", "--turns", "2", "--personas", "mdd,gad", "--seed", "3")
    result = run(path, prompts, tmp_path / "o", *small, "--format", "json")
    assert result.exit_code in (0, 1), result.output
    found = json.loads(result.stdout)
    assert found["recipe"] == str(path) and found["seed"] == 3
    assert list(found["rewards"]) == ["structure", "safety"] and found["own_rewards"]
    assert found["base"]["name"] == str(model_folder)
    assert found["model"]["name"] == str(adapter_folder)
    for side in ("base", "model"):
        figures = found[side]["figures"]
        assert figures["well_formed"] == dict(
            mean=0, spread=0, low=0, high=pytest.approx(0.49, abs=0.01), n=4
        )
        assert figures["good"]["mean"] == 0  # a random model
        assert figures["dialogue/polarity_change"]["n"] == 4
        assert figures["instructions"]["n"] == 4
    lines = [json.loads(line) for line in (tmp_path / "o/completions.jsonl").open()]
    texts = {s: [one["completion"] for one in lines if one["source"] == s] for s in found}
    assert len(texts["base"]) == len(texts["model"]) == 4 and texts["base"] != texts["model"]
    assert {one["step"] for one in lines} == {0} and "state" in lines[0]
    assert lines[0]["prompt"][-1]["content"].startswith("[STATE: ")
    assert result.stderr.splitlines()[-1].startswith("progress 48/48 replies")
    again = run(path, prompts, tmp_path / "again", *small, "--format", "json")
    assert json.loads(again.stdout)["differences"] == found["differences"]


def test_the_base_reads_the_adapters_chat_template_also_where_a_run_goes_on(
    recipe, prompts, tmp_path, model_folder, adapter_folder, tokenizer_saver
):
    own = shutil.copytree(adapter_folder, tmp_path / "adapter")
    tokenizer_saver(own, "{% for m in messages %}a {{ m['content'] }} b {% endfor %}")
    path = recipe(base_model=str(model_folder), output_dir=str(own))
    options, out = ("--n", "4", "--only", "single", "--format", "json"), tmp_path / "o"
    whole = json.loads(run(path, prompts, out, *options).stdout)
    said = (out / "replies.jsonl").read_text().splitlines(keepends=True)
    kept = [line for line in said if json.loads(line)["side"] == "model"]
    assert len(kept) == 4 < len(said)
    (out / "replies.jsonl").write_text("".join(kept))  # as if killed before the base's turn
    resumed = json.loads(run(path, prompts, out, *options).stdout)
    assert (out / "replies.jsonl").read_text().splitlines(keepends=True) == said
    assert resumed["differences"] == whole["differences"]


def test_a_recipe_without_adapter_compares_two_models(recipe, prompts, tiny_folder, tmp_path):
    path = recipe(base_model=str(tiny_folder), output_dir=str(tiny_folder), adapter=None)
    result = run(path, prompts, tmp_path / "o", "--n", "3", "--only", "single")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].startswith("verdict: no difference: ")
    assert "3 replies were in" in result.stdout  # the same weights say the same
    alone = run(path, prompts, tmp_path / "p", "--n", "3", "--only", "single", "--compare", "none")
    assert alone.exit_code == 0
    assert alone.stdout.splitlines()[-1] == "verdict: not compared"
    assert json.loads((tmp_path / "p/results.json").read_text())["base"] is None


def test_a_recipe_without_rewards_is_judged_by_those_of_the_data(
    recipe, prompts, tiny_folder, tmp_path
):
    path = recipe(base_model=str(tiny_folder), adapter=None, empathy=None, rl="dpo")
    options = ("--model", str(tiny_folder), "--compare", "none", "--n", "2", "--only", "single")
    result = run(path, prompts, tmp_path / "o", *options, "--format", "json")
    found = json.loads(result.stdout)
    assert "affective_shift" in found["rewards"] and not found["own_rewards"]
    assert found["method"] == "dpo"
    card = (tmp_path / "o/MODEL_CARD.md").read_text()
    assert "Rewards that judge the data; it trained on none" in card


def adapter_for(folder, base):
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base}))
    (folder / "adapter_model.safetensors").write_bytes(b"")
    return folder


MISTAKES = [
    ({}, (), "none: no such folder; train first: axolotl train"),
    ({}, ("--adapter", "/no/where"), "/no/where: no such folder"),
    ({}, ("--adapter", "HERE"), "made for other/base, but base_model in"),
    ({}, ("--adapter", "HERE", "--model", "x"), "--adapter and --model: give one of them"),
    ({}, ("--compare", "/no/where", "--model", "FULL"), "/no/where: no such folder"),
    ({"base_model": None}, (), "recipe.yml: base_model: expected a text, got nothing"),
    ({"output_dir": None}, (), "recipe.yml: output_dir: expected a text, got nothing"),
    ({"trl": {"temperature": "hot"}}, ("--model", "FULL"), "recipe.yml: trl.temperature"),
    ({"empathy": {"rewards": {"empaty": {}}}}, (), "did you mean 'empathy'?"),
    ({}, ("--bank", "/no/bank"), "/no/bank: no such folder"),
    ({}, ("--personas", "mdd,ged"), "did you mean 'gad'?"),
    ({}, ("--out", "FILE"), "recipe.yml: is a file, expected a folder"),
    ({}, ("--only", "singel"), "--only singel: no such part; did you mean 'single'?"),
    ({}, ("--only", "guards", "--no-guards"), "nothing is left to evaluate"),
    ({}, ("--model", "FULL", "--client", "openai:x"), "OPENAI_API_KEY"),
    ({}, ("--endpoint", "m@http://127.0.0.1:9/v1", "--adapter", "HERE"), "give one of them"),
]


@pytest.mark.parametrize(("changes", "options", "words"), MISTAKES)
def test_a_mistake_is_one_line_and_leaves_no_results(
    recipe, prompts, tmp_path, changes, options, words
):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/config.json").write_text("{}")
    (tmp_path / "full/model.safetensors").write_bytes(b"")
    places = {"HERE": str(adapter_for(tmp_path / "made", "other/base")), "FULL": tmp_path / "full"}
    places["FILE"] = tmp_path / "recipe.yml"
    given = [str(places.get(option, option)) for option in options]
    result = run(recipe(**changes), prompts, tmp_path / "o", *given)
    assert result.exit_code == 2, result.output
    assert words in result.stderr.splitlines()[-1] and result.stderr.count("Error: ") == 1
    assert not (tmp_path / "o" / "results.json").exists()


def test_a_broken_prompt_names_file_and_line(recipe, prompts, tmp_path):
    broken = tmp_path / "broken.jsonl"
    broken.write_text(prompts.read_text() + '{"id": "x"}\n')
    result = run(recipe(), broken, tmp_path / "o")
    assert result.exit_code == 2 and "broken.jsonl:10: prompt: missing" in result.stderr
