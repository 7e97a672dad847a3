"""What the page says, section by section."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest
import yaml

from emp_plugins.monitor import record
from emp_plugins.monitor.history import Point
from emp_plugins.monitor.record import Record
from emp_tooling.report.build import write_report
from emp_tooling.report.calibration import calibrations
from emp_tooling.report.evaluation import Evaluation
from emp_tooling.report.origin import differences, flatten
from emp_tooling.report.relations import correlations, relations
from emp_tooling.report.run import read_run
from emp_tooling.report.sections import (
    calibration,
    curves,
    evaluated,
    mood,
    provenance,
    samples,
    warnings,
)

from .runs import RECIPE, REWARDS, logs, write_logs, write_record, write_run


def text(html):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))


@pytest.fixture(scope="module")
def well(healthy):
    return read_run(healthy)


@pytest.fixture(scope="module")
def ill(harsh):
    return read_run(harsh)


@pytest.fixture
def logged(tmp_path):
    write_logs(tmp_path / "logged", logs())
    return read_run(tmp_path / "logged")


def test_a_healthy_run_has_nothing_to_report(well):
    said = warnings.section([well])
    assert "Nothing to report" in said.html and 'class="card good"' in said.html
    assert warnings.bad_news(well) == []


def test_an_unhealthy_run_is_told_in_words_gravest_first(ill):
    lines = [line for line, _ in warnings.bad_news(ill)]
    assert lines[0].startswith('The verdict of the evaluation is "worse": safe replies fell')
    assert any("low Temper" in line and "too harsh with angry clients" in line for line in lines)
    assert any("borderline" in line for line in lines)
    (drift,) = [line for line in lines if line.startswith("Toxic drift, step 40")]
    assert drift.endswith("acknowledgement fell. This ended the training (stop_on).")
    html = warnings.section([ill]).html
    assert 'class="card bad"' in html and "What to try: raise the weight of empathy" in html


def test_a_run_that_was_not_monitored_says_so_and_its_log_is_examined_now(logged):
    assert warnings.bad_news(logged) == []
    assert "was not monitored" in text(warnings.section([logged]).html)
    flat = tuple({**log, "frac_reward_zero_std": 1.0} for log in logged.logs.entries)
    silent = replace(logged, logs=replace(logged.logs, entries=flat))
    assert [line.partition(",")[0] for line, _ in warnings.bad_news(silent)] == ["No signal"]


def test_a_run_without_an_end_and_a_verdict_that_is_not_worse_are_notes(tmp_path, well):
    write_record(tmp_path, ended=False)
    run = read_run(tmp_path)
    found = Evaluation(tmp_path, {}, "better", ("win rate .7",), ())
    said = text(warnings.section([replace(run, evaluation=found)]).html)
    assert "did not come to its end" in said
    assert 'The verdict of the evaluation is "better": win rate .7.' in said


def test_what_the_monitor_could_not_do_is_told(tmp_path):
    folder = write_run(tmp_path / "failed")
    record.append(folder / record.NAME, "failure", {"step": 20, "reason": "OSError: no space"})
    said = text(warnings.section([read_run(folder)]).html)
    assert "The monitor failed at step 20: OSError: no space." in said


def test_trainer_and_held_out_set_share_a_chart_with_the_healthy_band(well):
    rewards, health = curves.sections([well])
    assert rewards.html.count("<figure") == 1 + len(REWARDS)
    assert rewards.html.count(">held out</li>") == rewards.html.count(">in training</li>") == 6
    assert rewards.html.count('class="ribbon') == 6
    titles = re.findall(r"<figcaption>(.*?)(?: <small>(.*?)</small>)?</figcaption>", health.html)
    told = dict(titles)
    assert {"KL from the start", "Entropy", "Gradient norm", "Well-formed replies"} <= set(told)
    assert "healthy up to" in told["KL from the start"]
    assert "Loss on held-out data" not in told  # never logged


def test_a_moved_threshold_moves_the_band(well):
    monitor = {"health": {"kl_runaway": {"limit": 0.07}}}
    _, health = curves.sections([replace(well, recipe={"empathy": {"monitor": monitor}})])
    assert "healthy up to 0.07" in health.html


def test_several_runs_lie_over_each_other(well, ill):
    rewards, _ = curves.sections([well, ill])
    assert rewards.html.count("<figure") == 1 + len(REWARDS)
    chart = rewards.html.split("</figure>")[0]
    names = re.findall(r"</svg>([^<]+)</li>", chart)
    assert names == ["healthy", "healthy, held out", ill.name, f"{ill.name}, held out"]
    colors = re.findall(r'<polyline class="s(\d) d\d', chart.split("<ul")[0])
    assert set(colors) == {"0", "1"}


def test_the_mood_is_shown_over_training_and_by_group_at_the_end(ill):
    html = mood.section([ill]).html
    assert html.count("<figure") == 6 and html.count("ribbon") == 6
    table = html[html.index("<table") :]
    rows = re.findall(r"<tr><td>(.*?)</tr>", table)
    names = [text(row.split("</td>")[0]).strip() for row in rows]
    assert names[:5] == [
        *(f"lowest in {axis}" for axis in ("Attitude", "Introspection", "Sensitivity", "Temper")),
        "at risk",
    ]
    assert "borderline" in names
    harsh = text(rows[names.index("borderline")])
    assert "-1.65 was 0.15" in harsh  # 0.15 - 0.6 in general, twice as much again with them


def test_a_group_that_was_not_there_at_first_has_no_past():
    last = Point(9, {}, personas={"new": {"temper": -0.5}})
    assert "was" not in mood.group_table(Point(0, {}), last)
    assert "was" not in mood.group_table(last, last)


def test_without_measurements_the_page_says_how_to_get_them(logged):
    assert "monitor: {every_steps: 100}" in mood.section([logged]).html
    assert "monitor: {completions: true}" in samples.section([logged]).html
    assert (
        "told apart" in mood.section([replace(logged, record=Record(points=(Point(0, {}),)))]).html
    )


def test_replies_are_shown_with_what_fired(well):
    html = samples.section([well]).html
    assert html.count("<article") == 6
    first = html.split("</article>")[0]
    assert '<mark class="note" title="feelings">I hear you</mark>' in first
    assert '<mark class="bad" title="minimizing">You shoul</mark>' in first
    assert '<span class="tag">&lt;answer&gt;</span>' in first
    for chip in ("malformed", "missing <answer>", "well-formed", "minimizing", "reward"):
        assert chip in text(first), chip


def test_the_evaluation_is_a_table_with_words_for_what_changed(ill, well):
    html = evaluated.section([ill]).html
    (safe,) = re.findall(r"<tr><td><span class=\"\">Safe replies</span>.*?</tr>", html)
    assert '<span class="bad">-27.0</span><small>worse, -35.0 to -19.0</small>' in safe
    assert "no value" in html and evaluated.section([well]) is None


def test_correlations_come_from_the_best_source_and_say_which(well, logged, tmp_path):
    found = relations(well)
    assert found.source == "the 24 replies that the run kept" and found.unit.startswith("words")
    assert set(found.columns) == set(REWARDS) - {"mine"}
    logged_only = relations(logged)
    assert "60 logged steps" in logged_only.source and set(logged_only.columns) == set(REWARDS)
    write_logs(tmp_path / "short", logs(4))
    assert relations(read_run(tmp_path / "short")) is None


def test_correlations_leave_out_what_is_missing():
    nan = float("nan")
    columns = {
        "a": [1, 2, 3, nan],
        "b": [2, 4, 6, 0],
        "flat": [1, 1, 1, 1],
        "few": [1, nan, nan, 2],
    }
    matrix = correlations(columns)
    assert matrix[0][:2] == [1.0, 1.0]
    assert all(value != value for value in (*matrix[2], matrix[3][0]))  # NaN


def test_calibrations_are_drawn_with_experts_labels(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    knots = {"calibration": {"method": "isotonic", "x": [0.0, 1.0], "y": [0.1, 0.9]}}
    bins = [[0.2, 0.3, 10], {"score": 0.8, "label": 0.7, "n": 9}, "damaged", [None, 1, 2]]
    (tmp_path / "c.yml").write_text(yaml.safe_dump({**knots, "reliability": bins}))
    recipe = {
        "empathy": {
            "monitor": {"calibration": {"temperature": 1.0}},
            "rewards": {
                "empathy": {"calibration": {"method": "isotonic", "file": "c.yml"}},
                "tone": {"calibration": {"method": "fixed", "mean": 2.0, "deviation": 0.5}},
                "novelty": {"calibration": {"method": "batch", "temperature": 0.6}},
                "gone": {"calibration": {"method": "isotonic", "file": "gone.yml"}},
                "plain": {"weight": 1.0},
            },
        }
    }
    found = {one.where: one for one in calibrations(recipe)}
    assert list(found) == ["monitor", "empathy", "tone", "novelty", "gone"]
    assert found["empathy"].reliability == ((0.2, 0.3), (0.8, 0.7))
    assert found["empathy"].curve[0] == (0.0, 0.1) and found["empathy"].curve[-1] == (1.0, 0.9)
    middle = len(found["monitor"].curve) // 2
    assert found["monitor"].curve[middle] == pytest.approx((0.0, 0.5))
    assert found["tone"].curve[middle] == pytest.approx((2.0, 0.5))
    assert found["novelty"].curve[middle] == pytest.approx((0.0, 0.5))
    for one in list(found.values())[:4]:
        values = [value for _, value in one.curve]
        assert values == sorted(values) and 0 <= values[0] < values[-1] <= 1
    assert "gone.yml" in found["gone"].fault and not found["gone"].curve


def test_recipes_that_agree_share_a_calibration(well, ill, logged):
    html = calibration.section([well, ill]).html
    assert html.count("<figure") == 2 and ill.name in html
    assert calibration.section([logged]) is None


def test_the_origin_is_told_without_secrets(well):
    said = text(provenance.section([well]).html)
    for words in (
        "Base model build/tiny_sft",
        "4 measurements, 3.1 s, 1.9% of the training time",
        "generation 50%",
        "build/prompts.jsonl 600 cdcdcdcdcdcdcdcd",
        "shipped prompts (held out) 24",
        "as they were when the training began",
        "trl 1.9.0",
        "learning_rate: 0.0004",
    ):
        assert words in said, words
    assert "Skipped" not in said


def test_lines_that_were_skipped_are_counted_on_the_page(tmp_path):
    write_logs(tmp_path, [*logs(9), {"step": 10, "kl": float("nan")}])
    path = write_record(tmp_path)
    path.write_bytes(path.read_bytes() + b'{"kind": "poi')
    said = text(provenance.section([read_run(tmp_path)]).html)
    assert (
        "half-written lines of monitor.jsonl: 1; logged values that are no finite number: 1" in said
    )


def test_only_recipe_keys_that_differ_are_compared(well, ill):
    rows = dict((key, values) for key, *values in differences([well, ill]))
    assert set(rows) == {"learning_rate", "wandb_project"}
    assert rows["learning_rate"] == ["0.0004", "1.0"] and rows["wandb_project"][0] == "not set"
    assert "do not differ" in provenance.section([well, well]).html
    assert dict(flatten(RECIPE))["trl.beta"] == "0.04"


def test_a_page_with_replies_is_for_its_owner_only(well, logged, tmp_path):
    for run, mode in ((well, 0o600), (logged, 0o644)):
        write_report(tmp_path / "r.html", [run])
        assert (tmp_path / "r.html").stat().st_mode & 0o077 == mode & 0o077


def test_hostile_text_is_escaped_everywhere(well, ill, tmp_path):
    write_report(tmp_path / "r.html", [well, ill])
    page = (tmp_path / "r.html").read_text()
    assert "<script" not in page and page.count("&lt;script&gt;") >= 4
    assert not re.search(r"https?:|url\(|@import| src=", page)


def test_a_run_that_says_hardly_anything_still_makes_a_page(tmp_path):
    write_logs(tmp_path / "run", [{"step": 1, "loss": 0.5}])
    write_report(tmp_path / "r.html", [read_run(tmp_path / "run")], seconds={"sft": 64.2})
    said = text((tmp_path / "r.html").read_text())
    assert "was not monitored" in said and "Too few values" in said and "sft 64 s" in said
    assert "The recipe is not known" in said


def test_of_a_run_without_recipe_the_saved_adapter_tells_base_and_kind(logged):
    saved = {"base_model_name_or_path": "build/tiny_sft", "peft_type": "LORA"}
    (logged.folder / "adapter_config.json").write_text(json.dumps(saved))
    said = text(provenance.section([logged]).html)
    assert "Base model build/tiny_sft" in said and "Adapter lora" in said


def test_ten_thousand_steps_make_a_page_of_bounded_size(tmp_path):
    write_logs(tmp_path / "run", logs(10_000))
    write_report(tmp_path / "r.html", [read_run(tmp_path / "run")])
    assert (tmp_path / "r.html").stat().st_size < 500_000
