"""Numbers and combinations that end a run: each fault, and a neighbor of it that is none."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.check import Recipe
from emp_plugins.check.settings import ignored
from emp_plugins.check.settings.arithmetic import check
from emp_plugins.check.settings.arithmetic.ranges import RANGES

HERE = Path(__file__).parent
ROWS = yaml.safe_load((HERE / "arithmetic.yml").read_text())
IGNORED = yaml.safe_load((HERE / "ignored.yml").read_text())
RECIPES = sorted((HERE.parents[3] / "recipes").glob("*.yml"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_row(row, edited):
    processes = row.get("processes", 1)
    (finding,) = check(edited(row["base"], row["edit"], processes))
    assert (finding.key, finding.severity) == (row["key"], "error")
    assert row["says"] in finding.message
    assert finding.suggestion
    assert list(check(edited(row["base"], row["but_not"], processes))) == []


def test_sound_recipes_raise_nothing(edited, bases):
    for base in bases:
        assert list(check(edited(base, {}))) == []


@pytest.mark.parametrize(
    ("edit", "processes", "suggestion"),
    [
        (
            {"micro_batch_size": 1, "gradient_accumulation_steps": 4},
            1,
            "use micro_batch_size: 2 or gradient_accumulation_steps: 8",
        ),
        (
            {"micro_batch_size": 9},
            1,
            "use micro_batch_size: 8 or gradient_accumulation_steps: 8",
        ),
        ({"trl": {"generation_batch_size": 30}}, 1, "use trl.generation_batch_size: 32"),
        (
            {"micro_batch_size": 8, "gradient_accumulation_steps": 1},
            4,
            "use micro_batch_size: 32 or gradient_accumulation_steps: 4",
        ),
    ],
)
def test_suggested_numbers_are_legal(edited, edit, processes, suggestion):
    (finding,) = check(edited("grpo", edit, processes))
    assert finding.suggestion == suggestion
    for change in suggestion.removeprefix("use ").split(" or "):
        key, value = change.removeprefix("trl.").split(": ")
        mended = {"trl": {key: int(value)}} if "trl." in change else {key: int(value)}
        assert list(check(edited("grpo", {**edit, **mended}, processes))) == []


def test_the_suggested_evaluation_batch_is_legal(edited):
    held_out = {"val_set_size": 9, "eval_steps": 5, "micro_batch_size": 24, "eval_batch_size": 3}
    (finding,) = check(edited("grpo", held_out, 3))
    assert finding.suggestion == "use eval_batch_size: 8"  # 8 generations on 3 processes
    assert list(check(edited("grpo", {**held_out, "eval_batch_size": 8}, 3))) == []


def test_numbers_of_any_size_are_answered_at_once(edited):
    huge = {"trl": {"num_generations": 10**15}, "val_set_size": 9, "eval_steps": 5}
    assert {finding.key for finding in check(edited("grpo", huge))} == {"micro_batch_size"}


def test_a_message_names_place_numbers_and_remedy(edited):
    (finding,) = check(edited("grpo", {"micro_batch_size": 3}))
    assert str(finding) == (
        "a.yml:6:1: micro_batch_size: generation batch 3 × 2 × 1 = 6 does not divide by "
        "8 generations; use micro_batch_size: 4 or gradient_accumulation_steps: 8"
    )


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_shipped_recipes_are_clean(path):
    recipe = Recipe.read(path)
    assert [str(item) for item in check(recipe)] == []
    assert [str(item) for item in ignored.check(recipe) if item.severity != "note"] == []


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 20),
    st.floats(),
    st.text(max_size=4),
    st.lists(st.one_of(st.none(), st.text(max_size=2), st.integers()), max_size=2),
    st.dictionaries(st.sampled_from(["a", "use_reentrant"]), st.booleans(), max_size=1),
)
KEYS = sorted(
    {path[0] for path in RANGES} | {key for row in [*ROWS, *IGNORED] for key in row["edit"]}
)
INNER = sorted(
    {path[1] for path in RANGES if len(path) > 1}
    | {key for row in IGNORED for key in row["edit"].get("trl") or {}}
)


@given(
    st.data(),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6),
    st.dictionaries(st.sampled_from(INNER), VALUES, max_size=4),
    st.integers(1, 4),
)
def test_junk_never_raises(bases, edited, data, edit, inner, processes):
    """Values of a wrong type are for the check of types; here they pass without harm."""
    recipe = edited(data.draw(st.sampled_from(bases)), {}, processes)
    junk = {**recipe.data, **edit}
    for block in ("trl", "vllm"):
        if isinstance(junk.get(block), dict):
            junk[block] = {**junk[block], **inner}
    broken = Recipe("a.yml", junk, world_size=processes)
    assert all(item.severity == "error" for item in check(broken))
    assert all(item.message for item in ignored.check(broken))
