"""Every shipped recipe: its header, and Axolotl's own validation as on one GPU."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from emp_plugins.completion import Template
from emp_plugins.config import EmpathyConfig

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "recipes").glob("*.yml"))
GPU = ("llama31_grpo_empathy", "qwen25_1p5b_grpo_empathy")
TINY = ("tiny_dpo_cbt", "tiny_grpo_empathy", "tiny_sft")

PREFIX = "emp_plugins.reward_funcs."
VALIDATE = """
import json, sys, yaml
from axolotl.cli.config import prepare_plugins
from axolotl.utils.config import validate_config
from axolotl.utils.dict import DictDefault

gpu = dict(bf16=True, fp8=True, tf32=True, n_gpu=1, n_node=1, compute_capability="sm_90")
found = {}
for path in sys.argv[1:]:
    cfg = DictDefault(yaml.safe_load(open(path)))
    prepare_plugins(cfg)
    valid = validate_config(cfg, capabilities=gpu, env_capabilities=dict(torch_version="2.11.0"))
    trl = valid.trl or {}
    found[path] = {
        "dropped": sorted(set(cfg) - set(valid)),
        "reward_funcs": trl.get("reward_funcs"),
        "reward_weights": trl.get("reward_weights"),
    }
print(json.dumps(found))
"""


def test_all_are_known_here():
    assert {path.stem for path in RECIPES} == {*GPU, *TINY}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_header(path):
    """What it does, what it needs, the command, how to switch the model - before the first key."""
    header = path.read_text().split("\n\n")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    for word in ("What:", "Needs:", "Run:", "Switch:"):
        assert f"# {word}" in header
    assert f"axolotl train recipes/{path.name}" in header


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_block_is_valid(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    recipe = yaml.safe_load(path.read_text())
    if "empathy" in recipe:
        config = EmpathyConfig.from_recipe(recipe)
        assert config.gate is not None  # every shipped GRPO run is gated
    batch = recipe["micro_batch_size"] * recipe["gradient_accumulation_steps"]
    assert batch % (recipe.get("trl") or {}).get("num_generations", 1) == 0


@pytest.mark.parametrize("path", sorted((ROOT / "recipes/templates").glob("*.yml")), ids=str)
def test_templates_load(path):
    template = Template.load(path)
    values = ["1"] * len(template.fields) or "thought"
    assert template.parse(template.render(values, "reply")).answer == "reply"
    for tag in filter(None, (template.answer_tag,)):
        assert f"<{tag}>" in template.system  # the prompt asks for what the parser wants


def test_flagship_is_the_published_configuration():
    recipe = yaml.safe_load((ROOT / "recipes/llama31_grpo_empathy.yml").read_text())
    assert recipe["base_model"] == "meta-llama/Llama-3.1-8B-Instruct"
    assert (recipe["lora_r"], recipe["lora_alpha"], recipe["load_in_4bit"]) == (32, 32, True)
    assert (recipe["trl"]["num_generations"], recipe["trl"]["beta"]) == (3, 0.04)
    assert (recipe["max_steps"], recipe["learning_rate"]) == (250, 5e-6)
    assert (recipe["lr_scheduler"], recipe["warmup_ratio"]) == ("cosine", 0.1)
    published = {"semantic_similarity", "empathy", "structure", "safety"}
    audited = {"affective_shift", "novelty", "brevity", "tone"}  # what wins without them: emp audit
    assert set(recipe["empathy"]["rewards"]) == published | audited


@pytest.mark.train
def test_axolotl_validates_all(run, workshop):
    """Axolotl's own schema, with the capabilities of a GPU, keeps every key of every recipe."""
    paths = [f"recipes/{path.name}" for path in RECIPES]
    done = run(sys.executable, "-c", VALIDATE, *paths, cwd=workshop)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    for path, result in found.items():
        assert result["dropped"] == [], path
        recipe = yaml.safe_load((workshop / path).read_text())
        rewards = (recipe.get("empathy") or {}).get("rewards") or {}
        names = [name.removeprefix(PREFIX) for name in result["reward_funcs"] or []]
        assert names == list(rewards), path
        assert (result["reward_weights"] or []) == [row["weight"] for row in rewards.values()]
