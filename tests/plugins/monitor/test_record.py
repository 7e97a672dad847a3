"""`monitor.jsonl`: appended line by line, and read whatever a kill has left of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.errors import InputError
from emp_plugins.measure import Figure
from emp_plugins.monitor.history import Point
from emp_plugins.monitor.record import append, point_line, read_record


def point(step, mean=0.5):
    figures = {"polarity": Figure(mean, 0.1, mean - 0.1, mean + 0.1, 8)}
    return Point(
        step,
        figures,
        failures={"missing <answer>": 0.25},
        personas={"mdd": {"polarity": mean}, "axis:Temper": {"polarity": -mean}},
        shares={"generation": 0.6, "monitor": 0.02},
        seconds=0.4,
        memory_gib=1.5,
    )


def warning(step):
    told = {"rule": "toxic_drift", "message": "m", "advice": "a", "values": {"up": 0.2}}
    return {"step": step, **told, "stopped": False}


def write(path, *lines):
    for kind, content in lines:
        append(path, kind, point_line(content) if kind == "point" else content)


RUN = ("run", {"version": 1, "step": 0, "base_model": "org/model"})
WHOLE = (RUN, ("point", point(0)), ("warning", warning(5)), ("point", point(10, 0.7)))


def test_what_was_written_is_read_back(tmp_path):
    write(tmp_path / "out/monitor.jsonl", *WHOLE, ("end", {"step": 10, "rounds": 2}))
    record = read_record(tmp_path / "out")
    assert record.points == (point(0), point(10, 0.7))
    assert [run["base_model"] for run in record.runs] == ["org/model"]
    assert [found["rule"] for found in record.warnings] == ["toxic_drift"]
    assert record.ends[0]["rounds"] == 2 and record.skipped == 0


def test_numbers_that_are_none_are_null(tmp_path):
    """JSON has no NaN, and a reader in another language must not stumble over one."""
    append(tmp_path / "m.jsonl", "warning", {**warning(1), "values": {"kl": float("nan")}})
    text = (tmp_path / "m.jsonl").read_text()
    assert "NaN" not in text and json.loads(text)["values"] == {"kl": None}


@pytest.mark.parametrize(
    ("resumed", "steps", "warned"),
    [
        (10, [0, 10], [5]),  # goes on from the last measurement, which is taken again
        (7, [0, 7], [5]),  # what lies after the checkpoint was undone by the resume
        (3, [0, 3], []),
        (0, [0], []),  # a fresh run in the folder of an old one
    ],
)
def test_a_resumed_run_goes_on_in_the_same_file(tmp_path, resumed, steps, warned):
    path = tmp_path / "monitor.jsonl"
    failure = ("failure", {"step": 5, "reason": "OSError: No space left on device"})
    write(path, *WHOLE, failure, ("run", {"step": resumed}), ("point", point(resumed, 0.9)))
    record = read_record(path)
    assert [found["step"] for found in record.failures] == warned and record.skipped == 0
    assert [found.step for found in record.points] == steps
    assert record.points[-1].mean("polarity") == 0.9
    assert [found["step"] for found in record.warnings] == warned
    assert len(record.runs) == (2 if resumed else 1)


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind": "point", "step": 4, "figures": {"pola',
        b'{"kind": "point", "step": "x", "figures": {}}',
        b'{"kind": "point", "step": 4}',  # no figures
        b'{"kind": "point", "step": 4, "figures": {"words": {"mean": 1}}}',
        b'{"kind": "warning", "rule": "gaming"}',  # at no step
        b'{"kind": "song"}',
        b"[1, 2]",
        b'"text"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_a_line_that_cannot_be_read_is_counted(tmp_path, line):
    path = tmp_path / "monitor.jsonl"
    write(path, RUN, ("point", point(0)))
    with path.open("ab") as file:
        file.write(line)
    write(path, ("point", point(10)))  # begins a line of its own
    record = read_record(path)
    assert record.skipped == 1
    assert [found.step for found in record.points] == [0, 10]


@given(st.data())
def test_cut_off_at_any_byte(tmp_path_factory, data):
    """Whatever a kill leaves, what came before the cut is read and nothing else is made up."""
    path = tmp_path_factory.mktemp("cut") / "monitor.jsonl"
    write(path, *WHOLE)
    raw = path.read_bytes()
    cut = data.draw(st.integers(0, len(raw)))
    path.write_bytes(raw[:cut])
    record = read_record(path)
    # A line without its end may be whole all the same.
    ended = raw[:cut].count(b"\n")
    found = len(record.runs) + len(record.points) + len(record.warnings)
    assert ended <= found <= ended + 1
    assert found + record.skipped == ended + (not raw[:cut].endswith(b"\n") and cut > 0)


def test_a_folder_without_a_record(tmp_path):
    with pytest.raises(InputError, match=r"monitor\.jsonl: no such file; the run was not"):
        read_record(tmp_path)
