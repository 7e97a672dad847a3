"""A warning is told once, and again only after it has passed."""

from emp_plugins.measure import Figure
from emp_plugins.monitor.alarm import LOGS, Alarm
from emp_plugins.monitor.history import Point
from emp_plugins.monitor.settings import MonitorConfig

ONLY = {"truncation": {"window": 2, "share": 0.5}}


def alarm():
    others = dict.fromkeys(("malformed", "missed_risk", "no_signal", "repetition"), False)
    return Alarm(MonitorConfig(health={**others, **ONLY}))


def point(step):
    return Point(step, {"words": Figure(10.0, 1.0, 9.0, 11.0, 8)})


def clipped(made, step, share):
    return [warning.rule for warning in made.logged({"completions/clipped_ratio": share}, step)]


def test_told_once():
    made = alarm()
    assert clipped(made, 1, 0.9) == []  # one log is no window
    assert clipped(made, 2, 0.9) == ["truncation"]
    assert clipped(made, 3, 0.9) == []
    assert made.measured(point(4)) == []


def test_told_again_after_it_has_passed():
    made = alarm()
    for step in (1, 2):
        clipped(made, step, 0.9)
    made.measured(point(2))
    for step in (3, 4):
        clipped(made, step, 0.0)
    assert clipped(made, 5, 0.9) == [] and clipped(made, 6, 0.9) == []  # gone for too short a time
    made.measured(point(6))
    for step in (7, 8):
        clipped(made, step, 0.0)
    made.measured(point(8))
    clipped(made, 9, 0.0)
    made.measured(point(10))  # two measurements with nothing between them
    assert clipped(made, 11, 0.9) == [] and clipped(made, 12, 0.9) == ["truncation"]


def test_a_resumed_run_does_not_repeat_what_was_told():
    made = alarm()
    logs = [{"completions/clipped_ratio": 0.9, "step": step} for step in (1, 2)]
    made.resume([point(0), point(2)], [*logs, {"monitor/words": 10.0, "step": 2}])
    assert len(made.logs) == 2  # the monitor's own entries are no news
    assert made.measured(point(2)) == []
    assert [found.step for found in made.points] == [0, 2]
    assert clipped(made, 3, 0.9) == []


def test_long_runs_keep_their_start_and_end():
    made = alarm()
    made.resume([], [{"loss": 1.0, "step": step} for step in range(1, LOGS + 501)])
    steps = [entry["step"] for entry in made.logs]
    assert len(steps) == LOGS and steps == sorted(steps)
    assert steps[:3] == [1, 2, 3] and steps[-1] == LOGS + 500


def test_entries_without_numbers_are_left_out():
    made = alarm()
    made.logged({"epoch": 0.5}, 3)
    made.logged({"loss": None, "note": "text"}, 4)
    assert made.logs == []
