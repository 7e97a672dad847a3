"""``emp train`` as a user types it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from emp_plugins.errors import InputError
from emp_tooling.cli import main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path, monkeypatch, write, rows):
    """A working folder with one correct recipe and its data."""
    monkeypatch.chdir(tmp_path)
    write("pairs.jsonl", rows["dpo"])
    (tmp_path / "base").mkdir()
    recipe = yaml.safe_load((ROOT / "recipes/tiny_dpo_cbt.yml").read_text())
    recipe |= {"base_model": "./base", "output_dir": "out"}
    recipe["datasets"][0]["path"] = "pairs.jsonl"
    (tmp_path / "good.yml").write_text(yaml.safe_dump(recipe))
    return tmp_path


def change(folder, name, **keys):
    recipe = yaml.safe_load((folder / "good.yml").read_text()) | keys
    recipe = {key: value for key, value in recipe.items() if value is not None}
    (folder / name).write_text(yaml.safe_dump(recipe, sort_keys=False))
    return name


def emp(*arguments):
    return CliRunner().invoke(main, ["train", *arguments])


def test_a_wrong_recipe_stops_with_its_lines_before_anything_runs(folder):
    done = emp(change(folder, "r.yml", optimzer="adamw_torch", rl_beta="high"))
    assert done.exit_code == 1 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert any("r.yml:" in line and "optimzer: unknown key" in line for line in lines)
    assert any("rl_beta" in line for line in lines)
    assert "Traceback" not in done.output


def test_text_that_is_no_yaml(folder):
    (folder / "r.yml").write_text("base_model: [\n")
    done = emp("r.yml")
    assert done.exit_code == 1 and done.stderr.startswith("r.yml:")


@pytest.mark.parametrize("engine", ["axolotl", "unsloth"])
def test_what_other_commands_make_must_be_there(folder, engine):
    """`emp check` only notes it, but a run would stop half a minute later."""
    name = change(folder, "r.yml", base_model="build/tiny", bf16="auto")
    done = emp("--engine", engine, name)
    assert done.exit_code == 1 and done.stderr.count("\n") == 1
    assert "base_model: build/tiny: no such file or folder; make it: emp tiny" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yml"], "none.yml: no such file"),
        (["good.yml", "--engine", "jax"], "'jax' is not one of"),
        (["good.yml", "--engine", "unsloth", "--max-steps", "3"], "--max-steps: options are"),
    ],
)
def test_wrong_arguments(folder, arguments, message):
    done = emp(*arguments)
    assert done.exit_code == 2 and message in done.stderr


def test_unsloth_refuses_with_all_keys_in_one_line(folder):
    name = change(folder, "r.yml", deepspeed="z3.json", flash_attention=True)
    done = emp("--engine", "unsloth", name)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1
    for key in ("deepspeed", "flash_attention", "bf16"):
        assert key in done.stderr


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("base_model", 3),
        ("plugins", [{"a": 1}]),
        ("trl", {"loss_type": ["dapo"]}),
        ("micro_batch_size", [4]),
        ("lora_target_modules", {"a": 1}),
        (1, 2),  # no text
    ],
)
def test_a_wrong_type_is_a_line_of_the_recipe(folder, key, value):
    recipe = yaml.safe_load((folder / "good.yml").read_text()) | {"bf16": "auto", key: value}
    (folder / "r.yml").write_text(yaml.safe_dump(recipe))
    done = emp("--engine", "unsloth", "r.yml")
    shown = key if isinstance(key, str) else f"[{key}]"
    lines = done.stderr.splitlines()
    assert done.exit_code == 1 and any(f": {shown}" in line for line in lines)
    assert all(line.startswith("r.yml:") for line in lines)


@pytest.mark.parametrize(
    "raised",
    [
        "RuntimeError('Failed to load model.\\n\\nno such repository')",
        "OSError()",
        "TypeError('Module = q_proj is not allowed')",
    ],
)
def test_a_model_that_unsloth_cannot_load_is_one_line(tmp_path, monkeypatch, recipe, raised):
    from emp_tooling.train.unsloth.loading import load
    from emp_tooling.train.unsloth.mapping import plan

    (tmp_path / "unsloth.py").write_text(
        f"class FastLanguageModel:\n    def from_pretrained(**arguments):\n        raise {raised}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "unsloth", raising=False)
    with pytest.raises(InputError, match="base_model: org/name: cannot be loaded: .") as error:
        load(plan(recipe()))
    sys.modules.pop("unsloth", None)
    assert "\n" not in str(error.value)


def test_a_machine_without_unsloth_or_a_gpu_is_told_so(folder):
    """Whichever of the two is missing first."""
    name = change(folder, "r.yml", bf16="auto")
    done = emp("--engine", "unsloth", name)
    installed = importlib.util.find_spec("unsloth") is not None
    expected = "needs a CUDA GPU" if installed else "pip install 'empathy-recipes[unsloth]'"
    assert done.exit_code == 2 and expected in done.stderr


def test_no_gpu_is_told_in_one_line(tmp_path):
    """With a package of this name at hand, torch is asked for a GPU before it is imported."""
    (tmp_path / "unsloth.py").write_text("raise RuntimeError('imported')")
    code = (
        "from emp_tooling.train.unsloth.loading import require_unsloth\n"
        "try: require_unsloth()\nexcept ValueError as error: print(error)\n"
    )
    hidden = {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **hidden}
    )
    assert "--engine unsloth needs a CUDA GPU" in done.stdout and not done.stderr


@pytest.mark.train
def test_the_child_is_axolotl(folder, run):
    done = run("emp", "train", "good.yml", "--", "--help", cwd=folder)
    assert "Train or fine-tune a model" in done.stdout


@pytest.mark.train
@pytest.mark.slow
def test_a_real_run(workshop, run):
    options = ("--max-steps", 1, "--output-dir", "out/emp_train", "--base-model", "build/tiny")
    run("emp", "train", "recipes/tiny_dpo_cbt.yml", *options, cwd=workshop)
    assert (workshop / "out/emp_train/adapter_model.safetensors").stat().st_size > 0
