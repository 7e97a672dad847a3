"""Every shipped recipe: its header, its data, and Axolotl's own validation as on its GPUs."""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from emp_datagen.cli import main as datagen
from emp_plugins.completion import Template
from emp_plugins.config import EmpathyConfig
from emp_tooling.recipes.header import memory, read_header
from emp_tooling.tiny import write_unaligned

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "recipes").glob("*.yml"))
GPU = {
    "deepseek_r1_distill_llama8b_grpo_empathy",
    "llama31_dpo_cbt",
    "llama31_dpo_cbt_fsdp2",
    "llama31_grpo_affective",
    "llama31_grpo_affective_vllm_colocate",
    "llama31_grpo_affective_vllm_server",
    "llama31_grpo_affective_zero3",
    "llama31_grpo_empathy",
    "llama31_kto_cbt",
    "llama31_orpo_cbt",
    "llama31_sft_dialogues",
    "qwen25_1p5b_grpo_empathy",
    "qwen25_1p5b_grpo_empathy_ray",
    "qwen25_7b_dpo_cbt",
    "qwen25_7b_grpo_affective",
    "smollm2_135m_dpo_cbt",
}
TINY = {
    "tiny_dpo_cbt",
    "tiny_grpo_empathy",
    "tiny_grpo_normalized",
    "tiny_kto_cbt",
    "tiny_orpo_cbt",
    "tiny_sft",
}
LAUNCHED_TOGETHER = {"llama31_dpo_cbt_fsdp2": 2, "llama31_grpo_affective_zero3": 4}
"""Processes of one `axolotl train` that see each other's GPUs; a Ray worker sees its own."""

PREFIX = "emp_plugins.reward_funcs."
VALIDATE = """
import json, sys, yaml
from axolotl.cli.config import prepare_plugins
from axolotl.utils.config import validate_config
from axolotl.utils.dict import DictDefault

def lost(asked, kept, path=""):
    if isinstance(asked, dict):
        for key, value in asked.items():
            if not isinstance(kept, dict) or key not in kept:
                yield path + str(key)
            else:
                yield from lost(value, kept[key], f"{path}{key}.")
    elif isinstance(asked, list) and isinstance(kept, list):
        for number, (one, other) in enumerate(zip(asked, kept, strict=True)):
            yield from lost(one, other, f"{path}{number}.")
    elif asked != kept:
        yield f"{path}={kept}"

found = {}
for path, gpus in json.loads(sys.argv[1]).items():
    gpu = dict(bf16=True, fp8=True, tf32=True, n_gpu=gpus, n_node=1, compute_capability="sm_90")
    asked = yaml.safe_load(open(path))
    cfg = DictDefault(yaml.safe_load(open(path)))
    prepare_plugins(cfg)
    asked.pop("dataset_prepared_path", None)  # our plugin puts the data's hash behind it
    valid = validate_config(cfg, capabilities=gpu, env_capabilities=dict(torch_version="2.11.0"))
    trl = valid.trl or {}
    found[path] = {
        "lost": sorted(lost(asked, valid.to_dict())),
        "reward_funcs": trl.get("reward_funcs"),
        "reward_weights": trl.get("reward_weights"),
    }
print(json.dumps(found))
"""


def load(name):
    return yaml.safe_load((ROOT / f"recipes/{name}.yml").read_text())


def commands(path):
    """The data commands of a recipe's header, each as one line."""
    header = path.read_text().split("\n\n")[0]
    joined = re.sub(r" \\\n# +", " ", header)
    return re.findall(r"(?m)^# +(emp-datagen .*)$", joined)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder in which every command of every header has run, with a few rows each."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("recipes", "tooling"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("tiny", "tiny_sft"):
        (folder / "build" / name).mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        lines = {line for path in RECIPES for line in commands(path)}
        for line in {re.sub(r" --n \d+", "", line) for line in lines}:
            arguments = [*shlex.split(line)[1:], "--n", "8", "--overwrite"]
            if arguments[0] != "prompts":
                arguments.append("--no-judge")  # for speed
            done = CliRunner().invoke(datagen, arguments)
            assert done.exit_code == 0, f"{line}\n{done.output}"
        write_unaligned(Path("build/pairs.jsonl"), Path("build/unaligned.jsonl"), 0.5, 0.4, 0)
    return folder


def test_all_are_known_here():
    assert {path.stem for path in RECIPES} == GPU | TINY


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_header(path):
    """What it does, what it needs, the command, how to switch the model - before the first key."""
    text = path.read_text()
    header = text.split("\n\n")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    fields = read_header(text)
    assert {"What", "Needs", "Run", "Switch"} <= set(fields)
    assert f"axolotl train recipes/{path.name}" in fields["Run"]
    needed = memory(fields["Needs"])
    assert (needed.gpus > 0) == (path.stem in GPU)
    assert ("(estimate, not measured)" in fields["Needs"]) == (path.stem in GPU)
    schema = header.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / schema).is_file()
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_block_is_valid(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    recipe = yaml.safe_load(path.read_text())
    if "empathy" in recipe:
        config = EmpathyConfig.from_recipe(recipe)
        assert config.gate is not None  # every shipped GRPO run is gated
    batch = recipe["micro_batch_size"] * recipe["gradient_accumulation_steps"]
    generations = (recipe.get("trl") or {}).get("num_generations", 1)
    assert batch % generations == 0
    assert batch >= generations * LAUNCHED_TOGETHER.get(path.stem, 1)  # Axolotl's own bar
    assert isinstance(recipe["learning_rate"], float)  # 5e-6 without a point is a text


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_output_is_named_after_the_recipe(path):
    folder = Path(load(path.stem)["output_dir"])
    if path.stem in GPU:
        assert folder == Path("outputs") / path.stem
    else:
        assert folder.parent == Path("build") and path.stem.startswith(folder.name)


def test_no_two_recipes_share_an_output():
    folders = [load(path.stem)["output_dir"] for path in RECIPES]
    assert len(set(folders)) == len(folders)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_header_says_how_its_data_is_made(path, data):
    recipe = load(path.stem)
    for key in ("datasets", "test_datasets"):
        for entry in recipe.get(key, []):
            if "/" in entry["path"] and entry["path"].endswith(".jsonl"):
                assert (data / entry["path"]).is_file(), entry["path"]
    made = {line.split(" --out ")[-1] for line in commands(path) if " --out " in line}
    assert all(
        name in path.read_text().split("\n\n", 1)[1] for name in made - {"build/pairs.jsonl"}
    )


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_tracking_is_one_key_away(path):
    if path.stem in GPU:
        *_, last = path.read_text().splitlines()
        uncommented = yaml.safe_load(last.removeprefix("# "))
        assert uncommented == {"wandb_project": "empathy"}
        assert "use_tensorboard: true" in last


@pytest.mark.parametrize("path", sorted((ROOT / "recipes/templates").glob("*.yml")), ids=str)
def test_templates_load(path):
    template = Template.load(path)
    values = ["1"] * len(template.fields) or "thought"
    assert template.parse(template.render(values, "reply")).answer == "reply"
    for tag in filter(None, (template.answer_tag,)):
        assert f"<{tag}>" in template.system  # the prompt asks for what the parser wants


def test_readme_lists_every_recipe_once():
    text = (ROOT / "recipes/README.md").read_text()
    for path in RECIPES:
        rows = [line for line in text.splitlines() if line.startswith(f"| `{path.stem}` |")]
        assert len(rows) == 1, path.stem


@pytest.mark.train
def test_axolotl_validates_all(run, data):
    """Axolotl's own schema, with the capabilities of GPUs, keeps every value of every recipe."""
    paths = {f"recipes/{one.name}": LAUNCHED_TOGETHER.get(one.stem, 1) for one in RECIPES}
    done = run(sys.executable, "-c", VALIDATE, json.dumps(paths), cwd=data)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert set(found) == set(paths)
    for path, result in found.items():
        assert result["lost"] == [], path
        recipe = yaml.safe_load((data / path).read_text())
        online = recipe.get("rl") in ("grpo", "gdpo")  # elsewhere the monitor alone uses rewards
        rewards = ((recipe.get("empathy") or {}).get("rewards") or {}) if online else {}
        names = [name.removeprefix(PREFIX) for name in result["reward_funcs"] or []]
        assert names == list(rewards), path
        assert (result["reward_weights"] or []) == [row["weight"] for row in rewards.values()]
