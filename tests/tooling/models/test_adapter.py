"""Which weights a run left, and what is said where there are none."""

import json
import os
from pathlib import Path

import pytest

from emp_plugins.errors import InputError
from emp_tooling.models.adapter import Weights, check_base, find, same_model


def adapter(folder, base="base"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base}))
    (folder / "adapter_model.safetensors").touch()
    return folder


def model(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").touch()
    return folder


def checkpoint(folder, whole=True):
    if whole:
        (folder / "trainer_state.json").write_text("{}")
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Path("out")


LORA = {"base_model": "base", "output_dir": "out", "adapter": "lora"}
FULL = {"base_model": "base", "output_dir": "out"}


def test_the_final_adapter(run):
    adapter(run)
    (run / "config.json").write_text("{}")  # the trainer leaves the base's beside it
    checkpoint(adapter(run / "checkpoint-900"))
    assert find(LORA, "r.yml") == Weights(run, True)


def test_the_newest_whole_checkpoint_of_a_run_without_an_end(run):
    for step in (50, 100, 9):
        checkpoint(adapter(run / f"checkpoint-{step}"))
    checkpoint(adapter(run / "checkpoint-150"), whole=False)  # killed while it saved
    assert find(LORA, "r.yml") == Weights(run / "checkpoint-100", True)


def test_a_recipe_without_adapter_leaves_a_model(run):
    run.mkdir()
    (run / "config.json").write_text("{}")  # written at the start; weights come at the end
    checkpoint(model(run / "checkpoint-10"))
    assert find(FULL, "r.yml") == Weights(run / "checkpoint-10", False)
    model(run)
    assert find(FULL, "r.yml") == Weights(run, False)


def test_a_sharded_model(run):
    run.mkdir()
    (run / "config.json").write_text("{}")
    (run / "model.safetensors.index.json").write_text("{}")
    assert find(FULL, "r.yml") == Weights(run, False)


def test_a_given_folder_counts(run):
    adapter(run)
    assert find(LORA, "r.yml", adapter(Path("other"))) == Weights(Path("other"), True)
    assert find(LORA, "r.yml", model(Path("merged"))) == Weights(Path("merged"), False)
    assert find(FULL, "r.yml", "other") == Weights(Path("other"), True)


def test_a_full_model_is_no_adapter_of_a_recipe_with_one(run):
    model(run)
    with pytest.raises(InputError, match="out: no adapter and no whole checkpoint in it; train"):
        find(LORA, "r.yml")


def pickled(folder, name):
    folder.mkdir()
    (folder / name).touch()


NOTHING_GIVEN = [
    ("no folder", lambda run: None, "out: no such folder; train first: axolotl train r.yml"),
    ("empty", lambda run: run.mkdir(), "out: no adapter and no whole checkpoint in it; train"),
    ("pickle", lambda run: pickled(run, "adapter_model.bin"), "out: adapter_model.bin is pickled"),
    (
        "only a half-saved checkpoint",
        lambda run: adapter(run / "checkpoint-5"),
        "no whole checkpoint in it",
    ),
]


@pytest.mark.parametrize(("case", "make", "line"), NOTHING_GIVEN)
def test_a_run_without_weights(run, case, make, line):
    make(run)
    with pytest.raises(InputError, match=line):
        find(LORA, "r.yml")


GIVEN = [
    ("missing", lambda: None, "typo: no such folder; did you mean out?"),
    ("empty", lambda: Path("typo").mkdir(), "typo: no adapter here, adapter_config.json is mis"),
    ("file", lambda: Path("typo").touch(), "typo: is a file, expected the folder"),
    (
        "pickle",
        lambda: pickled(Path("typo"), "adapter_model.bin"),
        "typo: adapter_model.bin is pickled; save the weights as safetensors",
    ),
    (
        "half saved",
        lambda: (adapter(Path("typo")) / "adapter_model.safetensors").unlink(),
        "typo: no adapter here, adapter_model.safetensors is missing",
    ),
    (
        "a run that was stopped",  # its own checkpoint is nearer than the recipe's
        lambda: checkpoint(adapter(Path("typo/checkpoint-7"))),
        "adapter_config.json is missing, and no model either; did you mean typo/checkpoint-7?",
    ),
]


@pytest.mark.parametrize(("case", "make", "line"), GIVEN)
def test_a_given_folder_without_weights(run, case, make, line):
    adapter(run)
    make()
    with pytest.raises(InputError) as caught:
        find(LORA, "r.yml", "typo")
    assert line in str(caught.value) and "\n" not in str(caught.value)


def test_no_hint_where_nothing_is_near(run):
    with pytest.raises(InputError, match="^typo: no such folder$"):
        find(LORA, "r.yml", "typo")


SAME = [
    ("a/b", "a/b", True, "the same name on the hub"),
    ("build/tiny", "./build/tiny/", True, "the same path"),
    ("build/tiny", "link", True, "a link to the folder"),
    ("a/b", "a/c", False, "another name"),
    ("build/tiny", "/elsewhere/build/tiny", False, "a folder of the same name elsewhere"),
]


@pytest.mark.parametrize(("one", "other", "same", "why"), SAME)
def test_the_same_model(run, one, other, same, why):
    Path("build/tiny").mkdir(parents=True)
    os.symlink("build/tiny", "link")
    assert same_model(one, other) is same
    assert same_model(other, one) is same


def test_an_adapter_for_another_base_names_both(run):
    adapter(run, base="meta-llama/Llama-3.1-8B-Instruct")
    with pytest.raises(InputError) as caught:
        check_base(run, "Qwen/Qwen2.5-7B-Instruct", "r.yml")
    assert str(caught.value).startswith(
        "out: made for meta-llama/Llama-3.1-8B-Instruct, "
        "but base_model in r.yml is Qwen/Qwen2.5-7B-Instruct; "
    )
    check_base(run, "meta-llama/Llama-3.1-8B-Instruct", "r.yml")


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_a_broken_configuration(run, text):
    adapter(run)
    (run / "adapter_config.json").write_text(text)
    with pytest.raises(InputError, match="adapter_config.json: no JSON object"):
        check_base(run, "base", "r.yml")


def test_an_adapter_that_names_no_base_is_left_to_its_shapes(run):
    adapter(run, base=None)
    check_base(run, "base", "r.yml")
