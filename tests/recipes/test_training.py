"""Real Axolotl runs of the tiny recipes, the base model switched by one key."""

import json
import math

import pytest
import yaml

ARCHITECTURES = ("llama", "qwen2")
SEVEN = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
REWARDS = ("semantic_similarity", "empathy", "affective_shift", "safety", "structure")

pytestmark = pytest.mark.train


def train(run, workshop, recipe, out, *options, **env):
    """Trains for a few steps; returns the output folder and the trainer's log."""
    overrides = ("--output-dir", out, "--save-strategy", "steps", "--logging-steps", 1)
    command = ("axolotl", "train", recipe, *overrides, *options)
    run(*command, cwd=workshop, **env)
    (state,) = (workshop / out).glob("checkpoint-*/trainer_state.json")
    return workshop / out, json.loads(state.read_text())["log_history"]


def losses(history):
    found = [entry["loss"] for entry in history if "loss" in entry]
    assert found and all(math.isfinite(value) for value in found)
    return found


def adapted(folder):
    assert (folder / "adapter_model.safetensors").stat().st_size > 0
    return set(json.loads((folder / "adapter_config.json").read_text())["target_modules"])


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_sft(run, workshop, arch):
    options = ("--base-model", f"build/{arch}", "--max-steps", 6, "--warmup-ratio", 0)
    folder, history = train(run, workshop, "recipes/tiny_sft.yml", f"out/sft_{arch}", *options)
    assert (folder / "model.safetensors").exists()
    first, *_, last = losses(history)
    assert last < first  # six steps from random weights already learn the commonest tokens


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_grpo(run, workshop, arch):
    options = ("--base-model", f"build/{arch}", "--max-steps", 2, "--micro-batch-size", 16)
    recipe = "recipes/tiny_grpo_empathy.yml"
    folder, history = train(run, workshop, recipe, f"out/grpo_{arch}", *options)
    losses(history)
    assert adapted(folder) == SEVEN  # what `lora_target_linear` means on these architectures
    steps = [entry for entry in history if "reward" in entry]
    assert len(steps) == 2
    for entry in steps:
        for name in REWARDS:
            assert math.isfinite(entry[f"rewards/{name}/mean"])
        # random weights write nothing well-formed: the floor, and no gradient from elsewhere
        assert entry["rewards/empathy/mean"] == 0.0
        assert entry["structure/well_formed"] == 0.0
        assert entry["empathy/reactions"] is None  # nan: logged although nothing was scored


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_dpo(run, workshop, arch):
    options = ("--base-model", f"build/{arch}", "--max-steps", 6, "--warmup-steps", 0)
    folder, history = train(run, workshop, "recipes/tiny_dpo_cbt.yml", f"out/dpo_{arch}", *options)
    first, *_, last = losses(history)
    assert first == pytest.approx(math.log(2), abs=0.05)  # policy and reference still agree
    assert last < first
    assert adapted(folder) == SEVEN


@pytest.mark.slow
@pytest.mark.parametrize("method", ["orpo", "kto"])
def test_orpo_and_kto(run, workshop, method):
    """Methods whose own strategies in Axolotl fail on conversational rows; ours run."""
    recipe = yaml.safe_load((workshop / "recipes/tiny_dpo_cbt.yml").read_text())
    data = "data/pairs.jsonl"
    if method == "kto":
        data = "data/kto.jsonl"
        run("emp-datagen", "kto", "--personas", "mdd", "--n", 160, cwd=workshop)
    dataset = {"path": data, "ds_type": "json", "type": f"emp_plugins.{method}"}
    recipe |= {"rl": method, "datasets": [dataset], "remove_unused_columns": False}
    recipe.pop("save_strategy")
    (workshop / f"{method}.yml").write_text(yaml.safe_dump(recipe))
    folder, history = train(run, workshop, f"{method}.yml", f"out/{method}", "--max-steps", 4)
    losses(history)
    assert adapted(folder) == SEVEN


def test_two_processes_and_a_user_reward(run, workshop):
    """Both ranks call the rewards; the user's own function stands behind the gate."""
    (workshop / "my_rewards.py").write_text(
        "import os\n\n"
        "def seen(prompts, completions, risk, **columns):\n"
        "    with open(f\"rank{os.environ['RANK']}.txt\", 'a') as file:\n"
        "        file.write(f'{len(completions)} {len(risk)}\\n')\n"
        "    return [float(len(text[0]['content'])) for text in completions]\n"
    )
    recipe = yaml.safe_load((workshop / "recipes/tiny_grpo_empathy.yml").read_text())
    recipe["trl"] |= {"reward_funcs": ["my_rewards.seen"], "num_generations": 4}
    recipe["trl"]["max_completion_length"] = 32
    recipe["trl"]["multi_objective_aggregation"] = "normalize_then_sum"
    recipe |= {"micro_batch_size": 8, "max_steps": 2, "output_dir": "out/two"}
    (workshop / "two.yml").write_text(yaml.safe_dump(recipe))
    command = ("torchrun", "--nproc_per_node", 2, "-m", "axolotl.cli.train", "two.yml")
    run(*command, cwd=workshop, ACCELERATE_USE_CPU="true", OMP_NUM_THREADS="1")
    for rank in (0, 1):
        assert (workshop / f"rank{rank}.txt").read_text().split() == ["8", "8"] * 2
    (state,) = (workshop / "out/two").glob("checkpoint-*/trainer_state.json")
    last = json.loads(state.read_text())["log_history"][-2]
    assert last["rewards/seen/mean"] != 0
    assert {f"rewards/{name}/mean" for name in REWARDS} <= last.keys()


def test_wrong_recipe_stops_with_a_line(run, workshop):
    recipe = yaml.safe_load((workshop / "recipes/tiny_grpo_empathy.yml").read_text())
    recipe["empathy"]["rewards"]["empaty"] = {}
    (workshop / "wrong.yml").write_text(yaml.safe_dump(recipe))
    done = run("axolotl", "train", "wrong.yml", cwd=workshop, check=False)
    assert done.returncode != 0
    line = "Error: empathy.rewards.empaty: unknown reward; did you mean 'empathy'?"
    assert line in done.stderr
    assert "Loading weights" not in done.stderr  # nothing was loaded before
