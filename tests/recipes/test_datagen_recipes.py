"""Every shipped datagen recipe: its header, its keys, and who would work on the rows."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from emp_datagen.cli import main
from emp_datagen.commands.generate import crew_of, plan_of
from emp_datagen.commands.pairs import command
from emp_datagen.judging.clinical import completed
from emp_plugins.config import EmpathyConfig

RECIPES = sorted((Path(__file__).parents[2] / "recipes/datagen").glob("*.yml"))
FOLDER = RECIPES[0].parent
HUB = {
    "emotion": "SamLowe/roberta-base-go_emotions",
    "clinical": "nlp4good/psych-search",
    "sentiment": "Varnikasiva/sentiment-classification-bert-mini",
}


def prepared(name, *flags):
    """The plan and the crew of a recipe, as the command would make them."""
    arguments = ["--config", str(FOLDER / f"{name}.yml"), *flags]
    with command.make_context("pairs", arguments) as context:
        return plan_of("pairs", context.params), crew_of("pairs", context.params)


def test_all_are_known_here():
    assert {path.stem for path in RECIPES} == {"mdd_pairs", "hub_judges", "llm_teacher"}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_header(path):
    """What it does, what it needs, the command, what to switch - before the first key."""
    header = path.read_text().split("\n\n")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    for word in ("What:", "Needs:", "Run:", "Switch:"):
        assert f"# {word}" in header
    assert f"emp-datagen pairs --config recipes/datagen/{path.name}" in header


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_what_is_commented_out_is_an_option_too(path):
    """A key that a user takes the comment sign from must be known."""
    options = {option.lstrip("-") for parameter in command.params for option in parameter.opts} | {
        "command",
        "judges",
        "rewards",
    }
    lines = [line.removeprefix("# ") for line in path.read_text().split("\n\n", 1)[1].splitlines()]
    found = [line.split(":")[0] for line in lines if line[:1].isalpha() and ":" in line]
    keys = [key for key in found if " " not in key]
    assert len(keys) >= 6 and set(keys) <= options


def test_mdd_pairs_writes_judged_pairs_of_one_persona(tmp_path):
    out = tmp_path / "p.jsonl"
    config = ["pairs", "--config", str(FOLDER / "mdd_pairs.yml"), "--n", "30", "--out", str(out)]
    done = CliRunner().invoke(main, config)
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == 30 and {row["persona"] for row in rows} == {"mdd"}
    assert all(row["scores"]["margin"] >= 0.1 for row in rows)


def test_hub_judges_names_models_by_hub_id_for_rewards_that_use_them():
    _, crew = prepared("hub_judges")
    config = EmpathyConfig.from_block(completed(crew.judging))
    assert {kind: spec.model for kind, spec in config.judge_specs.items()} == HUB
    assert {spec.backend for spec in config.judge_specs.values()} == {"hf"}
    # emotion is read by empathy and affective_shift, the others by one reward each
    assert {"empathy", "affective_shift", "clinical_relevance", "tone"} <= set(config.rewards)
    assert config.gate is not None and crew.judged


def test_llm_teacher_sends_nothing_beyond_this_machine():
    plan, crew = prepared("llm_teacher")
    assert crew.teacher == "openai:MODEL@http://127.0.0.1:8000/v1" and crew.client == ""
    assert (crew.critique, crew.revise, crew.settings.concurrency) == (True, True, 16)
    assert plan.turns == 3 and crew.judged


def test_a_flag_wins_over_a_recipe():
    plan, crew = prepared("llm_teacher", "--concurrency", "2", "--personas", "gad")
    assert crew.settings.concurrency == 2 and [p.key for p in plan.personas] == ["gad"]
