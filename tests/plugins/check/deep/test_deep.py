"""What Axolotl, transformers and PEFT themselves say; one module, for their imports take long."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from emp_plugins.check import base_model, deep
from emp_plugins.check.recipe import Recipe

pytestmark = pytest.mark.train  # half a minute of imports

ROOT = Path(__file__).parents[4]
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
BASE = """\
base_model: meta-llama/Llama-3.1-8B-Instruct
plugins: [emp_plugins.EmpathyPlugin]
rl: dpo
datasets:
  - path: data/pairs.jsonl
    type: emp_plugins.pairs
sequence_len: 1024
adapter: qlora
load_in_4bit: true
lora_r: 16
lora_alpha: 16
lora_target_linear: true
micro_batch_size: 2
gradient_accumulation_steps: 4
max_steps: 10
learning_rate: 5.0e-5
optimizer: adamw_torch
bf16: true
"""
GRPO = BASE.replace("rl: dpo", "rl: grpo\ntrl:\n  num_generations: 8\n  beta: 0.04") + (
    "empathy:\n  rewards:\n    safety: {weight: 2.0, gate: true}\n    brevity: {weight: 1.0}\n"
)


def findings(text):
    return list(deep.check(Recipe.from_text("a.yml", text)))


def errors(text):
    return [str(item) for item in findings(text) if item.severity == "error"]


def edited(old, new, text=BASE):
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.fixture
def other_schema(monkeypatch):
    """The schema of the check of keys, made from another version of Axolotl."""
    monkeypatch.setattr("emp_plugins.check.deep.validation.axolotl_version", lambda: "0.18.0")


@pytest.mark.parametrize("text", [BASE, GRPO], ids=["dpo", "grpo"])
def test_a_clean_recipe_gets_one_note(text):
    (note,) = findings(text)
    assert (note.severity, note.key, note.line) == ("note", "base_model", 1)
    assert note.message == (
        "trainable: 41,943,040 of 8,072,204,288 parameters (0.52%) in 7 kinds of projection: "
        "down_proj, gate_proj, k_proj, o_proj, q_proj, up_proj, v_proj"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            edited("load_in_4bit: true", "load_in_4bit: false"),
            "a.yml:9:1: load_in_4bit: Axolotl refuses this: Require cfg.load_in_4bit to be True "
            "for qlora",
        ),
        (
            edited("sequence_len: 1024", "sequence_len: many"),
            "a.yml:7:1: sequence_len: Axolotl refuses this: Input should be a valid integer, "
            "unable to parse string as an integer",
        ),
        (
            edited("max_steps", "max_stps"),
            "a.yml:15:1: max_stps: Axolotl drops this key without a word",
        ),
        (
            edited("type: emp_plugins.pairs", "type: emp_plugins.pairs\n    ds_type: json"),
            "a.yml:7:5: datasets[0].ds_type: Axolotl drops this key without a word",
        ),
        (
            edited("    type: emp_plugins.pairs", "    type: emp_plugins.pairs\n    split: [1]"),
            "a.yml:7:5: datasets[0].split: Axolotl refuses this: Input should be a valid string",
        ),
        (
            edited("  beta", "  bta", GRPO),
            "a.yml:6:3: trl.bta: Axolotl drops this key without a word",
        ),
        (
            edited("rl: dpo", "rl: dop"),
            "a.yml:3:1: rl: Axolotl refuses this: Input should be 'dpo', 'gdpo', 'grpo', 'ipo', "
            "'orpo', 'kto', 'simpo' or 'ebft'",
        ),
        (  # a location with the name of a type in it
            edited("lora_target_linear: true", "lora_target_modules: {a: 1}"),
            "a.yml:12:1: lora_target_modules: Axolotl refuses this: Input should be a valid string",
        ),
        (  # what fits none of several types comes out without it
            edited("max_steps: 10", "max_steps: 10\ntest_datasets: [{path: a, type: [1]}]"),
            "a.yml:16:27: test_datasets[0].type: Axolotl drops this key without a word",
        ),
        (
            edited("lora_r: 16", "lora_r: -3"),
            "a.yml:8:1: adapter: PEFT cannot build the adapter: `r` should be a positive "
            "integer value but the value passed is -3",
        ),
    ],
)
def test_errors(other_schema, text, line):
    assert errors(text) == [line]


def test_dropped_keys_are_left_to_the_check_of_keys():
    assert errors(edited("max_steps", "max_stps")) == []


def test_several_at_once():
    text = edited("sequence_len: 1024", "sequence_len: many").replace("lora_r: 16", "lora_r: few")
    keys = {item.key for item in findings(text) if item.severity == "error"}
    assert keys == {"sequence_len", "lora_r"}


@pytest.mark.parametrize("text", ["plugins: 3\n", "datasets: abc\n", "trl: 3\nrl: grpo\n"])
def test_whatever_makes_the_validators_fail_is_one_line(text):
    found = errors(f"base_model: {LLAMA}\n{text}")
    assert found
    assert all("\n" not in line for line in found)


def test_the_quick_check_is_not_repeated():
    """It names the target that matches nothing; PEFT says so once more only in other words."""
    text = edited("lora_target_linear: true", "lora_target_modules: [q_prj]")
    recipe = Recipe.from_text("a.yml", text)
    assert [item.key for item in base_model.check(recipe)][0] == "lora_target_modules[0]"
    assert list(deep.check(recipe)) == []


def test_targets_of_an_architecture_that_only_transformers_knows(tmp_path):
    sizes = {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gpt_neox", **sizes}))
    text = edited(LLAMA, str(tmp_path))
    text = text.replace("lora_target_linear: true", "lora_target_modules: [dense, q_proj]")
    (line,) = errors(text)
    assert "lora_target_modules[1]: 'q_proj' matches no module of gpt_neox" in line


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"num_attention_heads": 4, "head_dim": 0}, "transformers cannot build it: "),  # 0 ** -0.5
        ({"num_attention_heads": "four"}, "transformers cannot build it: "),
        ({"model_type": "no_such_model"}, "transformers cannot build it: "),
        ({"model_type": None}, "its config.json names no model_type"),
        ({"model_type": ["llama"]}, "its config.json names no model_type"),
        (None, "holds no config.json"),
    ],
    ids=str,
)
def test_a_broken_folder_is_one_line(tmp_path, config, message):
    sizes = {"vocab_size": 64, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1}
    if config is not None:
        (tmp_path / "config.json").write_text(
            json.dumps({"model_type": "llama", **sizes, **config})
        )
    (line,) = errors(edited(LLAMA, str(tmp_path)))
    assert line.startswith("a.yml:1:1: base_model: ") and message in line


def test_unknown_base_model():
    (note,) = findings(edited(LLAMA, "org/unknown"))
    assert note.message.startswith("not built: no architecture")


def test_without_an_adapter():
    text = BASE.replace("adapter: qlora\nload_in_4bit: true\n", "")
    (note,) = findings(text)
    assert note.message == "trainable: all 8,030,261,248 parameters (no adapter)"


def test_saved_adapter(tmp_path):
    saved = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 4, "target_modules": ["k_proj"]}
    (tmp_path / "adapter_config.json").write_text(json.dumps(saved))
    (note,) = findings(f"{BASE}lora_model_dir: {tmp_path}\n")
    assert "7 kinds" in note.message  # DPO makes a fresh one
    (note,) = findings(f"{GRPO}lora_model_dir: {tmp_path}\n")
    assert note.message.endswith("in 1 kind of projection: k_proj")
    (tmp_path / "adapter_config.json").write_text(json.dumps({**saved, "r": "four"}))
    (line,) = errors(f"{GRPO}lora_model_dir: {tmp_path}\n")
    assert ": lora_model_dir: PEFT cannot build the adapter: " in line


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    from emp_tooling.tiny import build_model

    folder = tmp_path_factory.mktemp("tiny")
    build_model(folder)
    return folder


def test_tokenizer(tiny):
    text = edited(LLAMA, str(tiny)) + "chat_template: tokenizer_default\n"
    assert [item.severity for item in findings(text)] == ["note"]
    config = tiny / "config.json"
    whole, template = config.read_text(), tiny / "chat_template.jinja"
    config.write_text(json.dumps({**json.loads(whole), "vocab_size": 64}))
    template.rename(tiny / "moved.jinja")
    found = {item.key: item.message for item in findings(text) if item.severity != "note"}
    assert found["chat_template"].endswith("has no chat template")
    assert found["base_model"].startswith("the tokenizer knows 2,048 tokens and the model 64")
    (tiny / "moved.jinja").rename(template)
    config.write_text(whole)


def test_broken_tokenizer(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{")
    (line,) = errors(f"{BASE}tokenizer_config: {tmp_path}\n")
    assert "a.yml:19:1: tokenizer_config: its tokenizer cannot be loaded: " in line


def test_nothing_is_left_behind():
    from axolotl.integrations.base import PluginManager

    recipe = Recipe.from_text("a.yml", GRPO)
    before = json.dumps(recipe.data), dict(os.environ), PluginManager.get_instance().plugins
    list(deep.check(recipe))
    after = json.dumps(recipe.data), dict(os.environ), PluginManager.get_instance().plugins
    assert after == before


def test_recipes_do_not_mix(other_schema):
    """Axolotl keeps the plugins of every recipe it saw; a later one must not get their keys."""
    assert errors(GRPO) == []
    text = BASE.replace("plugins: [emp_plugins.EmpathyPlugin]\n", "")
    assert errors(f"{text}empathy: {{rewards: {{safety: {{}}}}}}\n") == [
        "a.yml:18:1: empathy: Axolotl drops this key without a word"
    ]


PRINT = """
import sys
from emp_plugins.check import deep
from emp_plugins.check.recipe import Recipe
for path in sys.argv[1:]:
    for item in deep.check(Recipe.read(path)):
        print(item.severity, item)
"""


def test_shipped_recipes_in_a_process_of_their_own():
    """Nothing but the findings is printed, and none is an error."""
    recipes = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("recipes/*.yml"))
    done = subprocess.run(
        [sys.executable, "-c", PRINT, *recipes], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert {line.split()[0] for line in lines} == {"note"}
    assert {line.split()[1].split(":")[0] for line in lines} == set(recipes)
