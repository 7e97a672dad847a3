"""What is learned from fifteen personas holds for nine others, with phrases none of them met."""

import json

import pytest
import yaml

from emp_datagen.personas import find

from .trained import Job

pytestmark = [pytest.mark.train, pytest.mark.slow]

NAMES = sorted(find())
SEEN, OTHERS = NAMES[:15], NAMES[15:]
LORA = ("adapter", "lora_r", "lora_alpha", "lora_dropout", "lora_target_linear")
PLAIN = ("--header", "short", "--no-judge")
BAR = 0.90


@pytest.fixture(scope="module")
def folder(workshop, run):
    """A part of the workshop with a base model of its own and pairs of the other personas."""
    folder = workshop / "preferences"
    folder.mkdir()
    held = ("--personas", ",".join(OTHERS), "--split", "heldout", "--n", 300, "--seed", 1)
    run("emp-datagen", "pairs", *PLAIN, *held, "--out", "heldout.jsonl", cwd=folder)
    run("emp", "tiny", "--out", "base", cwd=folder)
    return folder


@pytest.mark.parametrize(
    ("method", "steps"),
    [("dpo", 40), ("kto", 100)],
)
def test_other_personas_and_phrases(run, train, workshop, folder, method, steps):
    verb = {"dpo": "pairs", "kto": "kto"}[method]
    seen = ("--personas", ",".join(SEEN), "--n", 2400, "--out", f"{verb}.jsonl")
    run("emp-datagen", verb, *PLAIN, *seen, cwd=folder)
    recipe = yaml.safe_load((workshop / f"recipes/tiny_{method}_cbt.yml").read_text())
    for key in LORA:  # a random model has nothing that an adapter could lean on
        recipe.pop(key)
    name = f"preferences_{method}"
    recipe["datasets"][0]["path"] = f"preferences/{verb}.jsonl"
    recipe |= {
        "base_model": "preferences/base",
        "micro_batch_size": 16,
        "max_steps": steps,
        "learning_rate": 1e-3,
        "output_dir": f"out/{name}",
    }
    (workshop / f"{name}.yml").write_text(yaml.safe_dump(recipe))
    train({name: Job(f"{name}.yml")})
    command = ("-m", "emp_tooling.evaluate.preferences", f"{name}.yml")
    pairs = ("--pairs", "preferences/heldout.jsonl", "--format", "json")
    done = run("python", *command, *pairs, cwd=workshop)
    found = json.loads(done.stdout)
    assert found["pairs"] == 300 and len(found["errors"]) == 15
    assert found["interval"][0] < found["accuracy"] < found["interval"][1] or found["accuracy"] == 1
    assert found["accuracy"] >= BAR, found
