import importlib.util
import json
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from emp_datagen.bank import load_bank, recognise
from emp_datagen.cli import main as datagen
from emp_datagen.jsonl import read_rows
from emp_plugins.completion import Template
from emp_plugins.errors import InputError
from emp_tooling import demo
from emp_tooling.cli import main
from emp_tooling.steps import Step, fingerprint

RECIPES = Path(__file__).parents[2] / "recipes"
ORDER = ["pairs", "prompts", "heldout", "tiny", "sft", "grpo", "evaluate"]


def plan(folder, seed=0):
    return demo.steps(folder, demo.place_recipes(RECIPES, folder), seed)


def strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def test_the_shipped_recipes_are_used_as_they_are_in_the_default_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    placed = demo.place_recipes(RECIPES, Path("build"))
    assert set(placed.values()) == {RECIPES / demo.SFT, RECIPES / demo.GRPO}
    assert list(tmp_path.iterdir()) == []


def test_in_another_folder_every_path_of_a_recipe_moves(tmp_path):
    folder = tmp_path / "b"
    for name, path in demo.place_recipes(RECIPES, folder).items():
        moved = yaml.safe_load(path.read_text())
        shipped = yaml.safe_load((RECIPES / name).read_text())
        assert not [text for text in strings(moved) if text.startswith("build")]
        assert moved["output_dir"] == str(folder / Path(shipped["output_dir"]).name)
        paths = dict.fromkeys(("base_model", "output_dir", "datasets", "dataset_prepared_path"))
        assert {**moved, **paths} == {**shipped, **paths}


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(InputError, match="tiny_sft.yml: no such file"):
        demo.place_recipes(tmp_path, tmp_path)


def test_each_step_reads_only_what_is_there_or_made_before(tmp_path):
    made = set()
    for step in plan(tmp_path):
        for path in step.inputs:
            assert path.exists() or path in made, f"{step.name}: {path}"
        made.update(step.outputs)
    recipes = [yaml.safe_load(path.read_text()) for path in (tmp_path / "recipes").iterdir()]
    read = [Path(text) for text in strings(recipes) if text.startswith(str(tmp_path))]
    prepared = tmp_path / "prepared"  # Axolotl's own cache, made by the step that reads it
    assert len(read) >= 6 and set(read) <= made | {prepared}


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("tiny", {"pairs.jsonl"}),
        ("sft", {"unaligned.jsonl", "tiny", "recipes/tiny_sft.yml"}),
        ("grpo", {"prompts.jsonl", "tiny_sft", "recipes/tiny_grpo_empathy.yml"}),
        ("evaluate", {"heldout.jsonl", "tiny_sft", "tiny_grpo", "recipes/tiny_grpo_empathy.yml"}),
    ],
)
def test_a_step_runs_again_when_what_it_reads_changes(tmp_path, name, files):
    step = next(step for step in plan(tmp_path) if step.name == name)
    assert {tmp_path / file for file in files} <= set(step.inputs)


@pytest.mark.parametrize(
    ("package", "steps"),
    [
        ("emp_plugins", {"pairs", "prompts", "heldout", "grpo", "evaluate"}),  # rewards, judges
        ("emp_datagen", {"pairs", "prompts", "heldout", "tiny", "evaluate"}),  # personas, readers
        ("demo_bank", {"pairs", "prompts", "heldout", "tiny", "evaluate"}),  # the phrases
    ],
)
def test_a_changed_reward_or_phrase_runs_what_depends_on_it_again(tmp_path, package, steps):
    found = plan(tmp_path)
    assert {s.name for s in found if package in {path.name for path in s.inputs}} == steps


def test_a_step_sees_a_changed_phrase_through_its_folder(tmp_path, monkeypatch):
    """The stamp is over content: one sentence more in the bank is another fingerprint."""
    bank = tmp_path / "bank"
    shutil.copytree(demo.DEMO_BANK, bank)
    monkeypatch.setattr(demo, "DEMO_BANK", bank)
    step = plan(tmp_path)[0]
    before = fingerprint(step)
    with (bank / "errors.yml").open("a") as file:
        file.write("# more\n")
    assert fingerprint(step) != before


def test_every_step_writes_from_and_reads_by_the_demos_own_bank(tmp_path):
    for step in plan(tmp_path):
        if step.command[0] == "emp-datagen" or step.command[:2] == ("emp", "eval"):
            assert step.command[step.command.index("--bank") + 1] == str(demo.DEMO_BANK)


def test_the_data_steps_run_as_they_stand_and_replace_what_is_there(tmp_path):
    """Fewer rows, everything else as in the demo: the options exist, and the rows are as asked."""
    for step in plan(tmp_path)[:3]:
        command = list(step.command)
        command[command.index("--n") + 1] = "24"
        (out,) = step.outputs
        for _ in range(2):
            done = CliRunner().invoke(datagen, command[1:])
            assert done.exit_code == 0, done.output
        rows = read_rows(out, "pair" if step.name == "pairs" else "prompt")
        assert len(rows) == 24 and {row["persona"] for row in rows} == {"mdd", "gad"}
        assert {row["turn"] for row in rows} == {1}
        if step.name == "pairs":
            bank = load_bank(demo.DEMO_BANK)
            assert {row["error"] for row in rows} == set(bank.errors)
            for row in rows:
                answer = Template().parse(row["chosen"][-1]["content"]).answer
                assert recognise(answer, row["risk"], bank).good


def test_the_steps_and_their_seeds(tmp_path):
    found = plan(tmp_path, seed=3)
    assert [step.name for step in found] == ORDER
    seeds = [step.command[step.command.index("--seed") + 1] for step in found]
    assert seeds == ["3", "3", "1003", "3", "3", "3", "3"]
    chosen = {
        step.name: step.command[step.command.index("--split") + 1]
        for step in found
        if "--split" in step.command
    }
    assert chosen == {"prompts": "train", "pairs": "train", "heldout": "heldout"}


def test_axolotl_stays_offline_and_untracked(tmp_path):
    for step in plan(tmp_path):
        if step.command[0] == "axolotl":
            assert step.env["AXOLOTL_DO_NOT_TRACK"] == step.env["HF_HUB_OFFLINE"] == "1"
            assert "CUDA_VISIBLE_DEVICES" not in step.env


@pytest.mark.parametrize(("package", "extra"), sorted(demo.NEEDS.items()))
def test_a_missing_package_names_its_extra(package, extra, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == package else real(name, *a)
    )
    result = CliRunner().invoke(main, ["demo"])
    assert result.exit_code == 2
    assert f"needs {package}" in result.output and f"empathy-recipes[{extra}]" in result.output
    assert result.output.count("\n") == 1


def touch(name, folder):
    out = folder / name
    return Step(name, ("python", "-c", f"open({str(out)!r}, 'w')"), outputs=(out,))


def measure(base, model):
    ends = {"difference": model - base, "low": 0.1, "high": 0.9}
    return {"base": base, "model": model, "model_interval": [model - 0.1, model + 0.1], **ends}


@pytest.fixture
def built(tmp_path):
    """A build folder as the steps leave it, without the models."""
    demo.place_recipes(RECIPES, tmp_path)
    state = tmp_path / "tiny_grpo/checkpoint-3/trainer_state.json"
    state.parent.mkdir(parents=True)
    history = [{"step": s, "reward": s, "rewards/empathy/mean": s / 9} for s in (1, 2, 3)]
    state.write_text(json.dumps({"log_history": history}))
    differences = {
        "good": measure(0.25, 0.75),
        "reward_total": measure(1.5, 2.5),
        "errors/direct_advice": measure(0.5, 0.0),
        "errors/never_seen": measure(0.0, 0.0),
    }
    evaluation = {"verdict": "better", "reasons": [], "differences": differences}
    (tmp_path / demo.EVALUATION).mkdir()
    (tmp_path / demo.EVALUATION / "results.json").write_text(json.dumps(evaluation))
    return tmp_path


def test_the_end_writes_numbers_and_report(built):
    recipe = built / "recipes" / demo.GRPO
    result = demo.finish(built, recipe, {"sft": 70.0, "grpo": 100.5}, seed=4)
    written = json.loads((built / "demo.json").read_text())
    assert written == json.loads(json.dumps(result))
    assert written["before"]["good"] == 0.25 and written["after"]["good"] == 0.75
    assert written["intervals"]["good"] == [0.65, 0.85]
    assert written["seconds"]["grpo"] == 100.5
    assert written["seconds"]["total"] == pytest.approx(170.5 + written["seconds"]["report"])
    page = (built / "report.html").read_text()
    assert "Total reward" in page and "seed 4" in page and "&quot;better&quot;" in page
    assert not [path for path in built.iterdir() if path.name.startswith(".")]


def test_the_command_ends_with_the_table_and_the_places(built, monkeypatch):
    monkeypatch.setattr(demo, "steps", lambda folder, recipes, seed: [touch("one", folder)])
    result = CliRunner().invoke(main, ["demo", "--build", str(built), "--recipes", str(RECIPES)])
    assert result.exit_code == 0, result.output
    flat = "".join(result.output.split())
    assert "25.0%" in flat and "75.0%" in flat and "65.0%to85.0%" in flat and "1.50" in flat
    assert "Directadvice" in flat and "Neverseen" not in flat
    assert str(built / "report.html") in flat and str(built / "demo.json") in flat
