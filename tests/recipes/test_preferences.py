"""What is learned from fifteen personas holds for nine others, with phrases none of them met."""

import json

import pytest
import yaml

from emp_datagen.personas import find

pytestmark = pytest.mark.train

NAMES = sorted(find())
SEEN, OTHERS = NAMES[:15], NAMES[15:]
LORA = ("adapter", "lora_r", "lora_alpha", "lora_dropout", "lora_target_linear")
BAR = 0.90


@pytest.fixture(scope="module")
def folder(tmp_path_factory, run):
    folder = tmp_path_factory.mktemp("preferences")
    plain = ("--header", "short", "--no-judge")
    for verb in ("pairs", "kto"):
        seen = ("--personas", ",".join(SEEN), "--n", 2400, "--out", f"{verb}.jsonl")
        run("emp-datagen", verb, *plain, *seen, cwd=folder)
    held = ("--personas", ",".join(OTHERS), "--split", "heldout", "--n", 300, "--seed", 1)
    run("emp-datagen", "pairs", *plain, *held, "--out", "heldout.jsonl", cwd=folder)
    run("emp", "tiny", "--out", "base", cwd=folder)
    return folder


@pytest.mark.parametrize(
    ("method", "steps"),
    [("dpo", 60), pytest.param("kto", 100, marks=pytest.mark.slow)],
)
def test_other_personas_and_phrases(run, workshop, folder, method, steps):
    recipe = yaml.safe_load((workshop / "recipes/tiny_dpo_cbt.yml").read_text())
    for key in LORA:  # a random model has nothing that an adapter could lean on
        recipe.pop(key)
    verb = {"dpo": "pairs", "kto": "kto"}[method]
    dataset = {"path": f"{verb}.jsonl", "ds_type": "json", "type": f"emp_plugins.{verb}"}
    recipe |= {
        "base_model": "base",
        "rl": method,
        "datasets": [dataset],
        "micro_batch_size": 16,
        "max_steps": steps,
        "learning_rate": 1e-3,
        "output_dir": method,
        "dataset_prepared_path": f"prepared_{method}",
        "remove_unused_columns": method == "dpo",
    }
    (folder / f"{method}.yml").write_text(yaml.safe_dump(recipe))
    run("axolotl", "train", f"{method}.yml", cwd=folder)
    command = ("-m", "emp_tooling.evaluate.preferences", f"{method}.yml")
    done = run("python", *command, "--pairs", "heldout.jsonl", "--format", "json", cwd=folder)
    found = json.loads(done.stdout)
    assert found["pairs"] == 300 and len(found["errors"]) == 15
    assert found["interval"][0] < found["accuracy"] < found["interval"][1] or found["accuracy"] == 1
    assert found["accuracy"] >= BAR, found
