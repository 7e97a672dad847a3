import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.affect.state import parse
from emp_plugins.completion import Template
from emp_plugins.monitor.completions import NAME
from emp_tooling.report.completions import (
    MOST_SCORED,
    evenly,
    read_completions,
    read_evaluated,
)

from .runs import REWARDS, reply_lines, write_replies

TEMPLATE = Template(fields=())


def write(folder, lines):
    (folder / NAME).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return read_completions(folder, TEMPLATE)


def test_first_and_last_measurement_stand_side_by_side(tmp_path):
    write_replies(tmp_path, steps=(0, 20, 60), count=3)
    found = read_completions(tmp_path, TEMPLATE)
    assert found.count == 9 and found.skipped == 0 and len(found.samples) == 3
    sample = found.samples[1]
    assert sample.client == "I feel worn out 1." and sample.facts == ("gad", "risk 1")
    (before, first), (after, last) = sample.replies
    assert (before, after) == ("Step 0", "Step 60")
    assert first.problems == ("missing <answer>",) and first.rule == ""
    assert last.problems == () and last.rule == "minimizing"
    # places are counted from the answer's begin, and shown in the whole completion
    assert [last.text[start:end] for start, end, _ in last.spans] == ["I hear you", "You shoul"]


def test_a_step_that_was_measured_again_replaces_the_old_replies(tmp_path):
    lines = [*reply_lines(steps=(0, 60), count=1), *reply_lines(steps=(60,), count=1, seed=9)]
    lines[-1]["completion"] = "again"
    (sample,) = write(tmp_path, lines).samples
    assert sample.replies[1][1].text == "again"


def test_base_and_model_of_an_evaluation_stand_side_by_side(tmp_path):
    lines = [
        {**line, "step": 0, "source": side, "id": f"{side} {place}", "group": f"{side} 0: {place}"}
        for side, step in (("base", 0), ("model", 60))
        for place, line in enumerate(reply_lines(steps=(step,), count=4))
    ]
    write(tmp_path, lines)
    found = read_evaluated(tmp_path, TEMPLATE)
    assert found.count == len(found.scored) == 4  # the model's
    assert [name for name, _ in found.samples[0].replies] == ["Base", "Model"]
    assert found.samples[0].replies[1][1].rule == "minimizing"


def test_the_header_of_a_prompt_is_left_out(tmp_path):
    said = "[STATE: MDD | Severity: High | Affect: Low Introspection]\nI feel worn out."
    lines = list(reply_lines(count=1))
    for line in lines:
        line["prompt"] = [{"role": "user", "content": said}]
    (sample,) = write(tmp_path, lines).samples
    assert sample.client == parse(said)[1]


def test_replies_of_the_training_are_counted_but_not_shown(tmp_path):
    lines = [{**line, "source": "train"} for line in reply_lines()]
    found = write(tmp_path, lines)
    assert found.samples == () and found.count == len(found.scored) == 24
    assert set(found.scored[0].rewards) == set(REWARDS) - {"mine"}  # None where it does not apply


@pytest.mark.parametrize(
    "line",
    [
        b'{"step": 3, "completion": "I he',  # half-written
        b"[]",
        b"\xff\xfe",
        b'{"step": 3, "source": "monitor", "prompt": []}',
        b'{"step": "3", "completion": "x", "prompt": []}',
        b'{"step": 3, "completion": "x", "prompt": [3]}',
        b'{"step": 3, "completion": "x", "prompt": [], "spans": [[0, 1]]}',
        b'{"step": 3, "completion": "x", "prompt": [], "spans": [[0, null, "x"]]}',
        b'{"step": 3, "completion": "x", "prompt": [], "problems": 3}',
        b"[" * 100_000,
    ],
)
def test_lines_that_cannot_be_read_are_skipped_and_counted(tmp_path, line):
    path = write_replies(tmp_path)
    path.write_bytes(path.read_bytes() + line + b"\n\n")
    found = read_completions(tmp_path, TEMPLATE)
    assert found.skipped == 1 and found.count == 24


@given(st.data())
def test_a_file_cut_off_anywhere_loses_at_most_one_line(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cut")
    path = write_replies(folder, count=2)
    raw = path.read_bytes()
    end = data.draw(st.integers(0, len(raw)))
    path.write_bytes(raw[:end])
    found = read_completions(folder, TEMPLATE)
    assert found.count + found.skipped == raw[:end].count(b"\n") + (raw[:end][-1:] not in b"\n")
    assert found.skipped <= 1


def test_a_run_without_the_file_has_no_replies(tmp_path):
    found = read_completions(tmp_path, TEMPLATE)
    assert found.samples == found.scored == () and found.count == 0


def test_of_many_replies_a_bounded_draw_is_kept_and_it_is_the_same_each_time(tmp_path):
    line = next(iter(reply_lines(count=1)))
    many = [{**line, "total": number} for number in range(2 * MOST_SCORED)]
    one, other = write(tmp_path, many), read_completions(tmp_path, TEMPLATE)
    assert one.count == 2 * MOST_SCORED and len(one.scored) == MOST_SCORED
    assert one.scored == other.scored
    assert sum(scored.total for scored in one.scored) / MOST_SCORED == pytest.approx(5000, rel=0.05)


@given(st.integers(0, 50), st.integers(1, 10))
def test_samples_are_taken_at_even_distances(length, count):
    chosen = evenly(range(length), count)
    assert len(chosen) == min(length, count) == len(set(chosen))
    gaps = [b - a for a, b in zip(chosen, chosen[1:], strict=False)]
    assert not gaps or max(gaps) - min(gaps) <= 1
