import pytest

from emp_plugins.errors import InputError
from emp_tooling.report.run import named, read_run

from .runs import RECIPE, STEPS, logs, write_logs, write_record


def test_a_run_knows_log_record_recipe_and_replies(healthy):
    run = read_run(healthy)
    assert run.name == "healthy" and len(run.logs.entries) == 60
    assert [point.step for point in run.points] == list(STEPS)
    assert run.recipe == RECIPE and run.settings.every_steps == 20
    assert len(run.completions.samples) == 12 and run.evaluation is None


def test_either_log_or_record_is_enough(tmp_path):
    write_logs(tmp_path / "logged", logs(9))
    write_record(tmp_path / "watched")
    logged, watched = read_run(tmp_path / "logged"), read_run(tmp_path / "watched")
    assert logged.record is None and logged.points == () and logged.recipe == {}
    assert watched.logs.entries == () and len(watched.points) == 4


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no such folder"),
        (lambda path: path.write_text("x"), "no such folder"),
        (
            lambda path: path.mkdir(),
            "no training log: expected checkpoint-*/trainer_state.json or monitor.jsonl",
        ),
    ],
)
def test_what_is_no_run_is_refused(tmp_path, make, words):
    make(tmp_path / "run")
    with pytest.raises(InputError) as caught:
        read_run(tmp_path / "run")
    assert str(caught.value).startswith(f"{tmp_path / 'run'}: ") and words in str(caught.value)


def test_a_named_recipe_is_read_without_its_secrets(tmp_path):
    write_logs(tmp_path / "run", logs(9))
    recipe = tmp_path / "r.yml"
    recipe.write_text("base_model: b\nhub_token: sesame\nempathy: {monitor: {every_steps: 7}}\n")
    run = read_run(tmp_path / "run", recipe=recipe)
    assert run.recipe["base_model"] == "b" and "hub_token" not in run.recipe
    assert run.settings.every_steps == 7


@pytest.mark.parametrize("block", [{"gone": 1}, {"health": {"kl_runaway": {"gone": 1}}}, 3])
def test_a_recipe_of_another_version_does_not_stop_the_report(tmp_path, block):
    empathy = {"monitor": block, "template": "nowhere.yml"}
    write_record(tmp_path, recipe={**RECIPE, "empathy": empathy})
    assert read_run(tmp_path).settings.every_steps == 100


def test_runs_of_the_same_name_get_their_path(tmp_path):
    for name in ("a/run", "b/run"):
        write_logs(tmp_path / name, logs(9))
    runs = [read_run(tmp_path / name) for name in ("a/run", "b/run")]
    assert [run.name for run in named(runs)] == [str(tmp_path / n) for n in ("a/run", "b/run")]
    assert named(runs[:1]) == runs[:1]
