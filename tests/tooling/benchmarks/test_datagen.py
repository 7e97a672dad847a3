"""The benchmark of emp-datagen at toy size: every part runs, and its figures mean what they say."""

import io
import json
import sys
import time

import pytest
from click.testing import CliRunner
from rich.console import Console

from emp_plugins.errors import InputError
from emp_tooling.benchmarks.datagen import (
    children,
    endpoint,
    engine,
    memory,
    prompts,
    starting,
    teacher,
)
from emp_tooling.benchmarks.datagen.command import PARTS, command
from emp_tooling.benchmarks.datagen.figures import Figure, Wanted, table
from emp_tooling.benchmarks.datagen.server import Tally

ROWS = 12


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A server with the answers to 12 rows and to those tried for dropped ones."""
    folder = tmp_path_factory.mktemp("bench")
    work = folder / "work.jsonl"
    prompts.write(work, prompts.requests(endpoint.TRIES * ROWS + 64))
    with children.server([*children.module("server"), work]) as port:
        yield endpoint.Bench(f"http://127.0.0.1:{port}/v1", folder, ROWS, 0.02)


@pytest.mark.parametrize(
    ("value", "ratios", "wanted", "met"),
    [
        (3000, {}, Wanted(">=", 2000), True),
        (1999, {}, Wanted(">=", 2000), False),
        (0.31, {}, Wanted("<=", 0.3), False),
        (5, {"bare": 0.95}, Wanted(">=", 0.9, "bare"), True),  # the value itself does not count
        (5, {"bare": 0.85, "other": 3.0}, Wanted(">=", 0.9, "bare"), False),
        (5, {}, None, None),
    ],
)
def test_what_was_wanted_is_met_or_not(value, ratios, wanted, met):
    assert Figure("part", "name", value, "unit", ratios, wanted).met is met


def test_the_ways_to_ask_the_scripted_teacher_give_the_same_replies():
    asked = [order for pair in prompts.orders(30) for order in pair]
    texts = [path(asked) for path in teacher.paths().values()]
    assert len(texts) == 3
    assert texts[0] == texts[1] == texts[2]
    assert len(set(texts[0])) > 50


def test_requests_come_back_as_they_were_written(tmp_path):
    made = prompts.requests(3)
    prompts.write(tmp_path / "work.jsonl", made)
    assert prompts.read(tmp_path / "work.jsonl") == made
    assert prompts.read(tmp_path / "work.jsonl", 2) == made[:2]
    assert all([m["role"] for m in one.messages] == ["system", "user"] for p in made for one in p)


@pytest.mark.parametrize("path", [endpoint.BARE, *endpoint.OURS, endpoint.DISTILABEL, "flood"])
def test_each_path_sends_the_same_requests(bench, path):
    timed = endpoint.time_once(bench, path, 4)
    assert timed.tally.unknown == 0
    pairs = timed.tally.answered / 2
    assert pairs >= ROWS if path in endpoint.OURS else pairs == ROWS
    # Each of distilabel's two tasks has its own requests under way.
    assert timed.tally.most <= (8 if path == endpoint.DISTILABEL else 4)
    assert 0 < timed.rate <= timed.tally.most / 2 / bench.delay_s
    assert timed.before_s > 0
    assert timed.after_s > 0


def test_a_path_that_asks_for_something_else_is_no_alternative(bench, tmp_path):
    others = endpoint.Bench(bench.url, tmp_path, 2, 0.0)
    made = prompts.requests(2)
    made[1][1].messages[0]["content"] += " And be brief."
    prompts.write(others.work, made)
    with pytest.raises(InputError, match="ended with status 1"):
        endpoint.time_once(others, endpoint.BARE, 1)
    assert bench.tally().unknown == 1


def test_rates_leave_out_what_comes_before_the_first_request():
    tally = Tally(first=100.0, last=104.0, answered=80)
    timed = endpoint.Timed(tally, before_s=50.0, after_s=9.0, cpu_s=1.0)
    assert timed.rate == 10
    run = engine.Timed(first_s=9.0, small_s=1.0, seconds=3.0, tried=60, rows=50)
    assert run.rate == 25


def test_runs_in_this_process():
    run = engine.once(120, workers=1, judged=True)
    assert run.rows == 119  # the small run had one
    assert run.tried >= 120
    assert 0 < run.small_s < run.seconds
    assert run.first_s > 0


def test_memory_is_that_of_the_command():
    small, large, difference = memory.measure([400, 20])
    assert (small.name, large.name) == ("peak at 20 rows", "peak at 400 rows")
    assert small.value > 50  # numpy and distilabel
    assert difference.value == large.value - small.value
    assert large.ratios == {"20 rows": large.value / small.value}


def test_the_peak_does_not_count_the_memory_of_the_one_who_asks():
    held = bytearray(400 * 1024**2)
    assert children.peak_mib([sys.executable, "-c", "pass"]) < 100
    taken = children.peak_mib([sys.executable, "-c", "x = b'x' * (200 * 1024**2)"])
    assert taken > 200
    del held


@pytest.mark.parametrize(
    "run", [children.run, children.peak_mib], ids=["run", "peak"]
)  # both say what went wrong
def test_a_child_that_fails(run):
    with pytest.raises(InputError, match=r"ended with status 3: out of luck$"):
        run(
            [
                sys.executable,
                "-c",
                "import sys; print('out of luck', file=sys.stderr); sys.exit(3)",
            ]
        )


def test_keys_and_proxies_do_not_reach_children(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    show = "import os; print(os.environ.get('OPENAI_API_KEY'), os.environ['NO_PROXY'])"
    assert children.run([sys.executable, "-c", show]).stdout == "None 127.0.0.1\n"


def test_help_takes_longer_than_nothing():
    best, median = starting.measure(2)
    assert best.value <= median.value
    assert best.ratios[starting.PYTHON] > 1


def test_one_table_with_alternatives_and_what_was_wanted():
    figures = [
        Figure("teacher", "bank", 2500.4, "pairs/s"),
        Figure("endpoint", "ours", 74.2, "rows/s", {"bare": 0.93}, Wanted(">=", 0.9, "bare")),
        Figure("endpoint", "theirs", 20.0, "rows/s", {"bare": 0.25}, also={"before s": 3.5}),
    ]
    console = Console(width=150, record=True, file=io.StringIO())
    console.print(table(figures))
    shown = console.export_text()
    for text in ("2,500 pairs/s", "0.93 x bare", ">= 0.9 x bare: yes", "before s 3.5"):
        assert text in shown
    assert shown.count("endpoint") == 1


def test_the_command_prints_a_table_or_json():
    start = time.monotonic()
    shown = CliRunner().invoke(command, ["--only", "teacher", "--rows", "40"])
    assert shown.exit_code == 0, shown.output
    assert "phrase bank alone" in shown.output
    assert "fastest of 1" in shown.output
    done = CliRunner().invoke(command, ["--only", "teacher", "--rows", "40", "--format", "json"])
    report = json.loads(done.output)
    assert [row["part"] for row in report["figures"]] == ["teacher"] * 3
    assert report["figures"][1]["wanted"] == ">= 2000"
    assert all(row["value"] > 40 / (time.monotonic() - start) for row in report["figures"])


def test_every_part_can_be_chosen():
    assert list(PARTS) == ["teacher", "run", "endpoint", "memory", "help"]
    bad = CliRunner().invoke(command, ["--only", "speed"])
    assert bad.exit_code == 2
    assert "'teacher', 'run', 'endpoint', 'memory', 'help'" in bad.output
