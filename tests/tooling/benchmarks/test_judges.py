"""The benchmark on tiny models: the paths agree, and the figures add up."""

import json

import pytest
from click.testing import CliRunner

from emp_tooling.benchmarks import judges
from emp_tooling.benchmarks.inputs import make
from emp_tooling.benchmarks.judges import PATHS, command, measure

KINDS = ("emotion", "empathy", "similarity")


@pytest.fixture(scope="module")
def report():
    tiny = dict.fromkeys(KINDS, "tiny")
    return measure(tiny, completions=16, duplicates=3, spread=0.3)  # wide: a mix-up would show


def test_all_paths_give_the_same_scores(report):
    for kind in KINDS:
        assert set(report["judges"][kind]["largest_difference"]) == set(PATHS)
        assert max(report["judges"][kind]["largest_difference"].values()) < 1e-5


def test_the_figures_add_up(report):
    total = report["total"]["seconds"]
    for path in PATHS:
        assert total[path] == sum(report["judges"][kind]["seconds"][path] for kind in KINDS)
    assert report["total"]["ratio_to_ours"]["ours"] == 1
    assert 0 < report["share_of_matmul_rate"] < 1
    assert report["inputs"]["completions"] == 16 and report["inputs"]["distinct"] == 13
    rates = [rate for kind in KINDS for rate in report["judges"][kind]["matmul_rates"].values()]
    assert min(rates) > 0


def test_the_command_prints_a_table_and_writes_json(tmp_path):
    target = tmp_path / "out" / "judges.json"
    done = CliRunner().invoke(command, ["--tiny", "--completions", "8", "--json", str(target)])
    assert done.exit_code == 0, done.output
    assert "seed, padded to 256" in done.output and "our share" in done.output
    assert set(json.loads(target.read_text())["judges"]) == set(KINDS)


def test_true_sizes():
    assert judges.SHAPES == {"emotion": "base", "empathy": "base", "similarity": "large"}


@pytest.mark.parametrize("duplicates", [0, 1, 8, 40])
def test_inputs_are_drawn_the_same_each_time(duplicates):
    inputs = make(duplicates=duplicates)
    assert inputs == make(duplicates=duplicates)
    assert inputs.distinct == 64 - duplicates
    assert len(set(inputs.clients)) == 8
    words = [len(reply.split()) for reply in inputs.replies]
    assert min(words) >= 20 and max(words) <= 120
