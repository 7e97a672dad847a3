"""Data and models that are not there yet, and the command that makes each."""

from pathlib import Path

import click
import pytest

from emp_datagen import commands
from emp_plugins.check import check
from emp_plugins.check.files.local import is_local
from emp_plugins.check.files.products import DATA, MODELS, VERBS, command_for, missing_products
from emp_plugins.check.recipe import Recipe
from emp_tooling.tiny import command as tiny

ROOT = Path(__file__).parents[4]
RECIPES = sorted((ROOT / "recipes").glob("*.yml"))


def default_of(command, option="out"):
    found = next(item for item in command.params if item.name == option)
    return str(found.default)


def verb(name):
    module = pytest.importorskip(f"emp_datagen.commands.{name}")
    assert isinstance(module.command, click.Command)
    return module.command


@pytest.mark.parametrize("name", ["dialogues", "groups", "kto", "pairs", "prompts"])
def test_the_table_holds_what_the_verbs_write(name):
    command, out = verb(name), f"data/{name}_dev.jsonl"
    assert DATA[default_of(command)] == f"emp-datagen {name}"
    said = DATA[out].split()
    assert said[:2] == ["emp-datagen", name]
    given = command.make_context(name, said[2:], resilient_parsing=True).params
    assert (given["split"], str(given["out"])) == ("dev", out)
    assert Path(commands.__file__).with_name(f"{name}.py").is_file()


def test_the_table_holds_what_emp_tiny_writes():
    assert MODELS[default_of(tiny)].startswith("emp tiny")
    outputs = {str(item.default) for item in tiny.params}
    assert {path for path, made in DATA.items() if made.startswith("emp tiny")} <= outputs


def test_every_verb_of_a_method_writes_data():
    assert {f"data/{name}.jsonl" for name in VERBS.values()} <= set(DATA)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_shipped_recipes_say_how_their_files_are_made(path, monkeypatch):
    """Whatever is missing in a clean copy is made by a command that the header gives."""
    monkeypatch.chdir(ROOT)
    recipe = Recipe.read(path.relative_to(ROOT))
    named = [entry["path"] for _, entry in recipe.datasets()]
    header = " ".join(path.read_text().replace("\\\n#", " ").split())
    for file in filter(is_local, named):
        command = command_for(recipe, file)
        assert " ".join(command.split()) in header, f"{path}: {file}: {command}"
    base = recipe.get("base_model")
    assert command_for(recipe, base) if is_local(base) else True


def test_a_note_when_checked_and_an_error_when_trained(here):
    text = "base_model: build/tiny\ndatasets:\n  - path: ./data/prompts.jsonl\nrl: grpo\n"
    recipe = Recipe.from_text("a.yml", text)
    modules = [f"emp_plugins.check.{name}" for name in ("datasets", "files")]
    assert [str(item) for item in check(recipe, modules)] == [
        "a.yml:1:1: base_model: not there yet; make it: emp tiny --pairs build/pairs.jsonl",
        "a.yml:3:5: datasets[0].path: not there yet; make it: emp-datagen prompts",
    ]
    assert {item.severity for item in check(recipe, modules)} == {"note"}
    missing = missing_products(recipe)
    assert [item.severity for item in missing] == ["error"] * 2
    assert str(missing[1]).endswith("no such file or folder; make it: emp-datagen prompts")


def test_what_is_there_is_not_missing(here, write):
    write("data/prompts.jsonl", [{"prompt": "a"}])
    (here / "build/tiny").mkdir(parents=True)
    text = "base_model: build/tiny\ndatasets:\n  - path: data/prompts.jsonl\n"
    assert missing_products(Recipe.from_text("a.yml", text)) == []


def test_other_absent_files_are_left_to_check(here):
    text = "base_model: ./none\ndatasets:\n  - path: none.jsonl\n  - path: org/name\n"
    assert missing_products(Recipe.from_text("a.yml", text)) == []


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("data/mine.jsonl", "emp-datagen prompts --n 9 --out data/mine.jsonl"),  # over two lines
        ("data/kto.jsonl", "emp-datagen kto --seed 3"),  # the default, with the comment's options
        ("data/pairs.jsonl", "emp-datagen pairs"),  # the comment writes another file
        ("outputs/first", "axolotl train recipes/first.yml"),
        ("outputs/first/merged", "axolotl merge-lora recipes/first.yml"),
        ("outputs/second", ""),
    ],
)
def test_comments_and_neighbours(write, path, command):
    write("recipes/first.yml", "output_dir: ./outputs/first  # a model\n")
    write("recipes/folder.yml/a.txt", "no recipe, though its folder is called like one\n")
    Path("recipes/gone.yml").symlink_to("nowhere")
    write(
        "recipes/a.yml",
        "# Needs:\n#   emp-datagen prompts --n 9 \\\n#     --out data/mine.jsonl\n"
        "# or `emp-datagen kto --seed 3`, then\n# emp-datagen pairs --out data/more.jsonl\n"
        "base_model: org/name\n",
    )
    assert command_for(Recipe.read("recipes/a.yml"), path) == command
