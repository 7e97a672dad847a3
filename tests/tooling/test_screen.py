from io import StringIO

import pytest
from rich.console import Console

from emp_tooling import screen as module
from emp_tooling.screen import run_all
from emp_tooling.steps import Step


def touch(name, folder, code="open(sys.argv[1], 'w')"):
    out = folder / name
    return Step(name, ("python", "-c", f"import sys; {code}", str(out)), outputs=(out,))


def run(steps, folder, **console):
    screen = StringIO()
    seconds = run_all(steps, folder, Console(file=screen, width=100, **console))
    return seconds, screen.getvalue()


def test_the_screen_says_what_ran_and_what_was_there(tmp_path):
    steps = [touch("one", tmp_path), touch("two", tmp_path)]
    seconds, screen = run(steps, tmp_path)
    assert list(seconds) == ["one", "two"]
    assert "[1/2] one" in screen and screen.count("done in") == 2
    (tmp_path / "two").unlink()
    again, screen = run(steps, tmp_path)
    assert screen.count("there already") == 1 and screen.count("done in") == 1
    assert again["one"] == seconds["one"]


def test_long_steps_show_their_progress(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LINE_SECONDS", 0.3)
    code = "import time; print('progress 3/9', flush=True); time.sleep(1); open(sys.argv[1], 'w')"
    _, screen = run([touch("slow", tmp_path, code)], tmp_path)
    assert "3/9" in screen and "\x1b" not in screen
    (tmp_path / "slow").unlink()
    _, screen = run([touch("slow", tmp_path, code)], tmp_path, force_terminal=True)
    assert "3/9" in screen and "\x1b" in screen


def test_a_failing_step_shows_its_log_and_stops(tmp_path):
    code = "print(*range(30), '[red] [oops', sep='\\n'); raise SystemExit(4)"
    steps = [touch("bad", tmp_path, code), touch("never", tmp_path)]
    screen = StringIO()
    with pytest.raises(SystemExit) as error:
        run_all(steps, tmp_path, Console(file=screen, width=200))
    lines = screen.getvalue().splitlines()
    assert error.value.code == 1
    assert "16" in lines and "14" not in lines and "[red] [oops" in lines
    assert str(tmp_path / "logs/bad.log") in lines[-1] and "status 4" in lines[-1]
    assert not (tmp_path / "never").exists()
