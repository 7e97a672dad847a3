"""A copy of a recipe: what changes, what stays, what is refused."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.check.recipe import Recipe
from emp_plugins.errors import InputError
from emp_tooling.recipes.edit import edited, start_recipe

ROOT = Path(__file__).parents[3]
RECIPES = sorted((ROOT / "recipes").glob("*.yml"))
SMALL = """\
# What:    trains a.yml, output in runs/a
# Run:     axolotl train recipes/a.yml
# Then:    axolotl merge-lora recipes/a.yml, and `base_model: runs/a/merged`
base_model: org/old  # why this one
rl: dpo
output_dir: runs/a  # and why here
"""


def copy(text, base_model="org/new", name="b"):
    return edited(
        Recipe.from_text("recipes/a.yml", text), text, Path(f"mine/{name}.yml"), base_model
    )


def comments(text):
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


def test_what_changes():
    assert (
        copy(SMALL)
        == """\
# What:    trains a.yml, output in runs/b
# Run:     axolotl train mine/b.yml
# Then:    axolotl merge-lora mine/b.yml, and `base_model: runs/b/merged`
base_model: org/new  # why this one
rl: dpo
output_dir: runs/b  # and why here
"""
    )


@pytest.mark.parametrize("source", RECIPES, ids=lambda path: path.stem)
def test_every_shipped_recipe_can_be_copied(source, tmp_path):
    path = start_recipe(source, "mine", "org/other", tmp_path)
    before, after = (Recipe.read(one).data for one in (source, path))
    changed = {key for key in before if before[key] != after.get(key)}
    assert changed == {"base_model", "output_dir"} and set(before) == set(after)
    assert after["base_model"] == "org/other" and after["output_dir"].endswith("/mine")
    old, new = source.read_text().splitlines(), path.read_text().splitlines()
    different = [a for a, b in zip(old, new, strict=True) if a != b]
    ours = ("base_model:", "output_dir:", "# yaml-language-server", "# Run:", "#  ", "# Then:")
    assert all(line.startswith(ours) for line in different)
    assert f"axolotl train {path}" in path.read_text()
    assert f"recipes/{source.name}" not in path.read_text().split("\n\n")[0]
    schema = path.read_text().splitlines()[0].partition("$schema=")[2]
    assert (path.parent / schema).resolve() == (
        ROOT / "plugins/emp_plugins/check/schema/recipe.schema.json"
    )


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("base_model: 'org/old'  # c", "base_model: org/new  # c"),
        ('base_model:   "org/old"', "base_model:   org/new"),
        ("base_model: org/old#no", "base_model: org/new"),  # no space, so part of the name
        ("base_model: >-\n  org/old", "base_model: org/new"),
        ('"base_model": org/old', '"base_model": org/new'),
        ("base_model: org/1st\nbase_model: org/old", "base_model: org/1st\nbase_model: org/new"),
    ],
)
def test_ways_to_write_a_value(line, made):
    text = SMALL.replace("base_model: org/old  # why this one", line)
    assert f"{made}\nrl: dpo\n" in copy(text)


@pytest.mark.parametrize("value", ["a: b # c", "'", "- x", "true", "1.5", "~", "./folder", "C:\\m"])
def test_a_name_that_yaml_reads_otherwise_is_quoted(value):
    assert yaml.safe_load(copy(SMALL, value))["base_model"] == value


@given(value=st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1))
def test_any_name_reads_back(value):
    if not value.strip():
        return
    made = copy(SMALL, value)
    assert yaml.safe_load(made)["base_model"] == value.strip()
    assert comments(made)[-1] == " and why here"


def test_a_single_word_is_left_alone_in_sentences():
    text = "# What: what comes out of it\nbase_model: x\noutput_dir: out\n"
    assert copy(text).startswith("# What: what comes out of it\n")


def test_other_recipes_in_the_header_stay():
    text = SMALL.replace("trains a.yml", "as axolotl train recipes/my_a.yml")
    assert "axolotl train recipes/my_a.yml" in copy(text)


def test_a_schema_that_is_not_there_keeps_its_path(tmp_path):
    source = tmp_path / "a.yml"
    source.write_text("# yaml-language-server: $schema=none/x.json\n" + SMALL)
    made = start_recipe(source, "b", "org/new", tmp_path / "deep" / "er")
    assert made.read_text().startswith("# yaml-language-server: $schema=none/x.json\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SMALL.replace("output_dir: runs/a", "other: x"), "output_dir: missing"),
        (SMALL.replace("org/old", "[a, b]"), "base_model: missing"),
        # replacing the anchored text would take the anchor from its alias
        (SMALL.replace("org/old", "&m org/old") + "tokenizer_config: *m\n", "anchor"),
        # the alias's own text stands elsewhere
        ("x: &m org/old\n" + SMALL.replace("org/old", "*m"), "anchor"),
        ("d: &d {base_model: a}\n<<: *d\noutput_dir: runs/a\n", "anchor"),
    ],
)
def test_what_cannot_be_replaced_is_said(text, said):
    with pytest.raises(InputError, match=said):
        copy(text)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sub/mine", "write mine --out sub"),
        ("../mine.yml", r"write mine --out \.\."),
        ("a\\b", "no path"),
        ("", "letters, digits"),
        (".yml", "letters, digits"),
        ("..", "letters, digits"),
        ("-x", "letters, digits"),
        ("a b", "letters, digits"),
    ],
)
def test_names_that_are_none(name, said, tmp_path):
    with pytest.raises(InputError, match=said):
        start_recipe(RECIPES[0], name, "org/new", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_suffix_is_no_part_of_the_name(tmp_path):
    assert start_recipe(RECIPES[0], "mine.yml", "m", tmp_path).name == "mine.yml"
    assert start_recipe(RECIPES[0], "v1.5", "m", tmp_path).name == "v1.5.yml"


def test_nothing_is_replaced(tmp_path):
    (tmp_path / "mine.yml").write_text("precious")
    with pytest.raises(InputError, match="exists already"):
        start_recipe(RECIPES[0], "mine", "m", tmp_path)
    assert (tmp_path / "mine.yml").read_text() == "precious"
