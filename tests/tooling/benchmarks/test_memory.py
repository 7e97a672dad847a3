"""The estimates of the shipped recipes, and what measures them where a GPU is at hand."""

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from emp_plugins.check.memory import GIB
from emp_tooling.benchmarks.memory import cells, command, graphics_card, measure, shortened
from emp_tooling.benchmarks.memory_probe import Samples, between_peaks

ROOT = Path(__file__).parents[3]
RECIPES = sorted(str(path) for path in (ROOT / "recipes").glob("*.yml"))

without_gpu = pytest.mark.skipif(graphics_card() is not None, reason="would train on the GPU")


@without_gpu
def test_without_a_gpu_the_estimates_are_unverified(tmp_path):
    target = tmp_path / "memory.json"
    done = CliRunner().invoke(command, [*RECIPES, "--parts", "--json", str(target)])
    assert done.exit_code == 0, done.output
    assert "unverified" in done.output
    written = json.loads(target.read_text())
    assert written["gpu"] is None
    assert {row["recipe"] for row in written["recipes"]} == {Path(one).stem for one in RECIPES}
    known = [row for row in written["recipes"] if "total" in row]
    assert len(known) >= 2
    for row in known:
        assert row["resident"] <= row["peak"] < row["total"]
        assert "measured" not in row
        for part in row["parts"]:
            assert part["name"] in done.output


def test_unreadable_recipe(tmp_path):
    done = CliRunner().invoke(command, [str(tmp_path)])
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert "is a folder" in done.output


def test_shortened_changes_nothing_that_takes_memory():
    recipe = {"sequence_len": 8, "eval_steps": 5, "test_datasets": [1], "save_strategy": "steps"}
    short = shortened(recipe, 3, Path("/x"))
    assert short["sequence_len"] == 8
    assert not {"eval_steps", "test_datasets"} & set(short)
    assert (short["max_steps"], short["save_strategy"]) == (3, "no")
    assert recipe["eval_steps"] == 5


@without_gpu
def test_a_run_that_fails_says_why(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("base_model: org/model\n")
    assert measure(path, 2) == {"failed": "Error: no CUDA GPU to measure on"}


def test_cells():
    sizes = {"length": 1024, "resident": 5 * GIB, "peak": 12 * GIB, "total": 13.5 * GIB}
    measured = {"resident": 5.5 * GIB, "allocated": 10 * GIB, "reserved": 11 * GIB}
    row = {"recipe": "a", "base_model": "b", **sizes, "measured": measured}
    expected = ["a", "1,024", "5.0", "12.0", "13.5", "5.5 / 10.0 / 11.0", "+20%"]
    assert cells(row) == expected
    assert cells({"recipe": "a", "base_model": "b"})[4] == "b is not known here"


def test_samples_and_what_lies_between_peaks():
    """What a list holds while a run loads (20), trains (100, 40 between steps) and ends (5)."""
    held = [0]
    with Samples(lambda: len(held), every_s=0.0005) as samples:
        for length in (20, 100, 40, 95, 45, 98, 5):
            held = [0] * length
            time.sleep(0.05)
    assert max(samples.values) == 100
    assert between_peaks(samples.values) == 40
    assert between_peaks([]) == 0
