import pytest

from emp_plugins.errors import InputError
from emp_tooling.recipe import block, read_recipe, relocate, required


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- a\n- b\n", "this is a list"),  # a list is no recipe
        ("", "the file is empty"),  # an empty file
        ("just text\n", "this is a text"),
        ("a: [1\n", ":2:1:"),  # broken YAML names the line
        ("a: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
    ],
)
def test_what_is_no_recipe_is_named(tmp_path, content, words):
    path = tmp_path / "r.yml"
    path.write_text(content)
    with pytest.raises(InputError, match="r.yml") as error:
        read_recipe(path)
    assert words in str(error.value)


def test_a_recipe_is_a_mapping(tmp_path):
    path = tmp_path / "r.yml"
    path.write_text("base_model: x\ntrl: {temperature: 0.7}\n")
    recipe = read_recipe(path)
    assert required(recipe, "base_model", path) == "x"
    assert block(recipe, "trl", path) == {"temperature": 0.7}
    assert block(recipe, "empathy", path) == {}


@pytest.mark.parametrize("value", [None, "", 3, ["a"]])
def test_required_names_file_and_key(value):
    with pytest.raises(InputError, match="r.yml: base_model: expected a text"):
        required({"base_model": value}, "base_model", "r.yml")


def test_a_block_that_is_no_mapping_is_named():
    with pytest.raises(InputError, match="r.yml: trl: expected a mapping, got a list"):
        block({"trl": []}, "trl", "r.yml")


def test_relocate_moves_paths_and_nothing_else():
    recipe = {
        "output_dir": "build/a",
        "datasets": [{"path": "build/x.jsonl", "type": "build_it"}],  # no folder: stays
        "base_model": "build",
        "note": "see build/a",  # no path: stays
        "builder": 3,
    }
    moved = relocate(recipe, "build", "/b")
    assert moved == {
        "output_dir": "/b/a",
        "datasets": [{"path": "/b/x.jsonl", "type": "build_it"}],
        "base_model": "/b",
        "note": "see build/a",
        "builder": 3,
    }
    assert recipe["output_dir"] == "build/a"
