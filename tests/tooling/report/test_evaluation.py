import json

import pytest

from emp_plugins.completion import Template
from emp_plugins.errors import InputError
from emp_tooling.report.evaluation import Measure, find_evaluation, read_evaluation
from emp_tooling.report.sections.evaluated import judged

from .runs import evaluation, reply_lines, write_replies

SIDE = {
    "n": 9,
    "good": 0.25,
    "errors": {"direct_advice": 0.5},
    "rewards": {"empathy": 0.5, "mine": None},
    "intervals": {"good": [0.2, 0.3]},
}


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_verdict_with_differences(tmp_path):
    found = read_evaluation(write(tmp_path / "results.json", evaluation()), Template())
    assert found.verdict == "worse" and found.reasons[0].startswith("safe replies fell")
    assert found.sides == ("build/tiny_sft", "build/tiny_grpo")
    safe = found.measure("safe")
    assert (safe.base, safe.model, safe.change_ends) == (0.98, 0.71, (-0.35, -0.19))
    assert found.measure("broken") == Measure("broken", None, None)  # said as "no value"


def test_before_and_after(tmp_path):
    after = {**SIDE, "good": 0.75, "errors": {}, "rewards": {"empathy": 0.25}}
    content = {"recipe": "r.yml", "before": SIDE, "after": after}
    found = read_evaluation(write(tmp_path / "e.json", content), Template())
    assert found.recipe == "r.yml" and found.verdict == ""
    values = {one.name: (one.base, one.model) for one in found.measures}
    assert values["good"] == (0.25, 0.75) and values["reward/empathy"] == (0.5, 0.25)
    assert values["errors/direct_advice"] == (0.5, 0.0)  # it did not occur any more
    assert "reward/mine" not in values and "n" not in values
    assert found.measure("good").base_ends == (0.2, 0.3)


def test_a_model_that_was_compared_with_none(tmp_path):
    figures = {"safe": {"mean": 0.9, "spread": 0.1, "low": 0.8, "high": 1.0, "n": 9}}
    content = {"verdict": "not compared", "base": None, "model": {"name": "m", "figures": figures}}
    found = read_evaluation(write(tmp_path / "e.json", content | {"differences": {}}), Template())
    assert found.measures == (Measure("safe", None, 0.9, model_ends=(0.8, 1.0)),)
    assert found.sides == ("base", "m")


def test_replies_beside_the_results_are_read_but_not_those_of_a_run(tmp_path):
    write_replies(tmp_path)
    assert read_evaluation(write(tmp_path / "evaluation.json", evaluation()), Template())
    lines = [{**line, "source": "model"} for line in reply_lines()]
    (tmp_path / "completions.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = read_evaluation(write(tmp_path / "results.json", evaluation()), Template())
    assert found.completions.count == 24
    beside_run = read_evaluation(tmp_path / "evaluation.json", Template())
    assert beside_run.completions.count == 0


def test_a_folder_stands_for_the_file_in_it(tmp_path):
    assert find_evaluation(tmp_path, Template()) is None
    path = write(tmp_path / "results.json", evaluation())
    assert (
        read_evaluation(tmp_path, Template()).path
        == find_evaluation(tmp_path, Template()).path
        == path
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file; `emp eval` writes it"),
        ("{", "not JSON"),
        ("[]", "expected what `emp eval` writes"),
        ({"x": 1}, "expected what `emp eval` writes"),
        ({"before": SIDE}, "expected what `emp eval` writes"),
    ],
)
def test_what_is_no_evaluation_is_refused_in_one_line(tmp_path, content, words):
    path = tmp_path / "e.json"
    if content is not None:
        write(path, content)
    with pytest.raises(InputError, match="e.json: ") as caught:
        read_evaluation(path, Template())
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("measure", "word"),
    [
        (Measure("safe", 0.9, 0.5, change_ends=(-0.5, -0.3)), "worse"),
        (Measure("safe", 0.5, 0.9, change_ends=(0.3, 0.5)), "better"),
        (Measure("agreement", 0.5, 0.9, change_ends=(0.3, 0.5)), "worse"),  # less is better
        (Measure("errors/lecture", 0.5, 0.1, change_ends=(-0.5, -0.3)), "better"),
        (Measure("safe", 0.9, 0.5, change_ends=(-0.9, 0.1)), ""),  # within chance
        (Measure("words", 10, 90, change_ends=(70, 90)), ""),  # neither good nor bad
        # without an interval of the change the two means' own must not overlap
        (Measure("safe", 0.5, 0.9, (0.4, 0.6), (0.8, 1.0)), "better"),
        (Measure("safe", 0.5, 0.7, (0.4, 0.65), (0.6, 0.8)), ""),
    ],
)
def test_a_change_is_called_better_or_worse_beyond_chance_only(measure, word):
    assert judged(measure)[1] == word
