"""Recipes are read with the place of each key, and nothing in a file can do harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.check.recipe import Recipe, dotted
from emp_plugins.check.yaml_places import MAX_BYTES, BrokenRecipe
from emp_plugins.errors import InputError

TEXT = """\
base: &base {rank: 8, alpha: 16}
trl:
  <<: *base
  alpha: 32
  list:
    - {path: a}
    - path: b
      type: c
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("base",), (1, 1)),
        (("base", "alpha"), (1, 23)),
        (("trl", "rank"), (1, 14)),  # merged: where it really stands
        (("trl", "alpha"), (4, 3)),  # replaced: the mapping's own
        (("trl", "list", 0), (6, 7)),
        (("trl", "list", 1, "type"), (8, 7)),
    ],
)
def test_places(path, place):
    recipe = Recipe.from_text("r.yml", TEXT)
    assert recipe.places[path] == place
    assert recipe.get("trl", "alpha") == 32
    finding = recipe.finding(path, "m")
    assert (finding.line, finding.column, finding.key) == (*place, dotted(path))


def test_keys_that_are_no_text_have_a_place():
    assert set(Recipe.from_text("r.yml", "yes: 1\n~: 2\n3: 4\n").places) == {
        ("true",),
        ("null",),
        (3,),
    }


@pytest.mark.parametrize(
    ("message", "shown"), [("a\nb", "a b"), ("\ud800", "\\ud800"), ("x" * 1001, f"{'x' * 1000}…")]
)
def test_a_finding_is_one_line_that_can_be_printed(message, shown):
    assert Recipe("r.yml", {}).finding((), message).message == shown


def test_a_key_that_is_not_there_has_the_place_of_its_block():
    recipe = Recipe.from_text("r.yml", TEXT)
    assert (
        str(recipe.finding(("trl", "list", 1, "split"), "m")) == "r.yml:7:7: trl.list[1].split: m"
    )
    assert str(recipe.finding(("nothing",), "m", suggestion="s")) == "r.yml: nothing: m; s"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: 1\nb: 2\na: 3\n", [(("a",), (3, 1))]),
        ("t:\n  a: 1\n  a: 1\n", [(("t", "a"), (3, 3))]),
        ("l:\n  - {a: 1, a: 2}\n", [(("l", 0, "a"), (2, 12))]),
        (TEXT, []),  # a merged key may be replaced
        ("a: {x: 1}\nb: {x: 1}\n", []),
    ],
)
def test_repeated_keys(text, where):
    assert list(Recipe.from_text("r.yml", text).repeated) == where


@pytest.mark.parametrize(
    ("text", "line", "fragment"),
    [
        ("a:\n\tb: 1\n", 2, "a tab where YAML wants spaces; indent with spaces"),
        ("a: 1\nb: [1, 2\n", 3, "expected ',' or ']'"),
        ("a: 1\n  b: 2\n", 2, "mapping values are not allowed here"),
        ("a: 'x\n", 2, "unexpected end of stream"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "could not determine a constructor"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: *nowhere\n", 1, "undefined alias"),
        ("a: 1\nb: 2020-99-99\n", 2, "2020-99-99 cannot be read as timestamp; put it in quotes"),
        ("a: !!int many\n", 1, "many cannot be read as int"),
        ("a: !!bool maybe\n", 1, "maybe cannot be read as bool"),
        ("? !!bool maybe\n: 1\n", 1, "maybe cannot be read as bool"),
        ("a: !!timestamp soon\n", 1, "soon cannot be read as timestamp"),
        (f"a: {'9' * 5000}\n", 1, f"{'9' * 40} cannot be read as int"),
        ("a: 1\nb: x\x07\n", 2, "the character U+0007 is not allowed in YAML; delete it"),
    ],
)
def test_what_is_no_yaml_has_a_line(text, line, fragment):
    with pytest.raises(BrokenRecipe) as caught:
        Recipe.from_text("r.yml", text)
    assert caught.value.finding.line == line
    assert fragment in str(caught.value) and "\n" not in str(caught.value)


def bomb(width=10, depth=8):
    lines = ["a0: &a0 [" + "1," * width + "]"]
    for level in range(depth):
        lines.append(f"a{level + 1}: &a{level + 1} [" + f"*a{level}," * width + "]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("- a\n- b\n", "a recipe is a mapping of keys, this is a list"),
        ("text", "this is a text"),
        ("# nothing\n", "this is nothing"),
        (bomb(), "aliases unfold to more than"),
        ("a: &a [*a]\n", "aliases unfold to more than"),  # a list inside of itself
        ("a: " + "[" * 20_000, "nested too deeply"),
    ],
)
def test_what_is_no_recipe(text, fragment):
    with pytest.raises(InputError, match=fragment) as caught:
        Recipe.from_text("r.yml", text)
    assert "\n" not in str(caught.value)


def test_files(tmp_path):
    file = tmp_path / "r.yml"
    refused = {
        tmp_path: "is a folder",
        tmp_path / "absent.yml": "no such file",
        "https://example.org/r.yml": "not an address",
    }
    for path, fragment in refused.items():
        with pytest.raises(InputError, match=fragment):
            Recipe.read(path)
    for content, fragment in ((b"", "empty"), (b"a: 1\n" * MAX_BYTES, "bytes are no recipe")):
        file.write_bytes(content)
        with pytest.raises(InputError, match=fragment):
            Recipe.read(file)
    file.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(BrokenRecipe, match=r"r.yml:2:7: not UTF-8"):
        Recipe.read(file)
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")  # as an editor on Windows writes it
    assert Recipe.read(file).places[("b",)] == (2, 1)


def test_configuration_with_options_of_the_command_line(tmp_path):
    file = tmp_path / "r.yml"
    file.write_text("rl: dpo\nmax_steps: 3\n")
    cfg = {"rl": "dpo", "max_steps": 9, "seed": 1, "axolotl_config_path": str(file)}
    cfg["debug_num_examples"] = 0  # Axolotl's own option, not the user's
    recipe = Recipe.from_config(cfg, world_size=2)
    assert recipe.data == {"rl": "dpo", "max_steps": 9, "seed": 1} and recipe.world_size == 2
    assert str(recipe.finding(("max_steps",), "m")) == f"{file}:2:1: max_steps: m"
    assert str(recipe.finding(("seed",), "m")) == f"{file}: seed: m"


leaves = st.none() | st.booleans() | st.integers() | st.text("abc", min_size=1)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from("abcd"), trees, min_size=1))
def test_every_key_has_a_place(data):
    import yaml

    def paths(value, path=()):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in items:
            yield (*path, step)
            if isinstance(inner, dict | list):
                yield from paths(inner, (*path, step))

    recipe = Recipe.from_text("r.yml", yaml.safe_dump(data))
    assert recipe.data == data
    assert set(recipe.places) == set(paths(data))
