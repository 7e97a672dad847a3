"""The child process: its status, its variables and the signals that reach it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from emp_plugins.errors import InputError
from emp_tooling.train.axolotl_engine import FORWARDED, environment, train

RUN = (
    "import sys; from emp_tooling.train.axolotl_engine import train; "
    "sys.exit(train(sys.argv[1], sys.argv[2:], program='trainer'))"
)


@pytest.fixture
def trainer(tmp_path, monkeypatch):
    """Puts a program of this name on the search path, in place of the real one."""

    def trainer(code):
        script = tmp_path / "trainer"
        script.write_text(f"#!{sys.executable}\n{code}")
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return trainer


@pytest.mark.parametrize("status", [0, 1, 7])
def test_the_exit_status_is_passed_on(trainer, status):
    trainer(f"raise SystemExit({status})")
    assert train("r.yml", program="trainer") == status


def test_recipe_and_options_are_passed_on(trainer, capfd):
    trainer("import sys; print(sys.argv[1:])")
    assert train("r.yml", ["--max-steps", "3"], program="trainer") == 0
    assert capfd.readouterr().out == "['train', 'r.yml', '--max-steps', '3']\n"


def test_input_and_output_are_inherited(trainer):
    trainer("import sys; print(input()); print('err', file=sys.stderr)")
    command = [sys.executable, "-c", RUN, "r.yml"]
    done = subprocess.run(command, input="typed\n", capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "typed\n", "err\n")


@pytest.mark.parametrize(
    ("number", "handled", "status"),
    [
        (signal.SIGTERM, False, 128 + signal.SIGTERM),
        (signal.SIGINT, True, 5),  # a trainer that saves first, then ends in its own way
        (signal.SIGHUP, False, 128 + signal.SIGHUP),
    ],
)
def test_signals_reach_the_child_and_its_children(trainer, tmp_path, number, handled, status):
    own = f"signal.signal({int(number)}, lambda *_: sys.exit(5))" if handled else ""
    pids = tmp_path / "pids"
    trainer(
        "import os, signal, subprocess, sys, time, pathlib\n"
        f"signal.signal(signal.SIGINT, signal.SIG_DFL)\n{own}\n"
        f"grandchild, pids = subprocess.Popen(['sleep', '60']), pathlib.Path({str(pids)!r})\n"
        "pids.with_suffix('.new').write_text(f'{os.getpid()} {grandchild.pid}')\n"
        "pids.with_suffix('.new').rename(pids)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", RUN, "r.yml"], preexec_fn=heed)
    deadline = time.monotonic() + 20
    while not pids.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    parent.send_signal(number)
    assert parent.wait(20) == status
    for pid in pids.read_text().split():
        assert gone(int(pid))


def heed():
    """Undoes what a shell in the background or nohup has the tests ignore."""
    for number in FORWARDED:
        signal.signal(number, signal.SIG_DFL)


def gone(pid):
    """Whether a process has ended; one that nobody waited for counts as well."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_handlers_are_as_before_afterwards(trainer):
    trainer("")
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    train("r.yml", program="trainer")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize(("given", "found"), [(None, "1"), ("0", "0"), ("1", "1")])
def test_telemetry_is_off_unless_the_user_decided(monkeypatch, given, found):
    monkeypatch.delenv("AXOLOTL_DO_NOT_TRACK", raising=False)
    if given is not None:
        monkeypatch.setenv("AXOLOTL_DO_NOT_TRACK", given)
    assert environment()["AXOLOTL_DO_NOT_TRACK"] == found


def test_the_scripts_beside_python_are_found_by_the_child(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    folder = os.path.dirname(sys.executable)
    assert environment()["PATH"] == f"{folder}{os.pathsep}/nowhere"


def test_a_missing_program_is_one_line():
    with pytest.raises(InputError, match="no-such-trainer: no such program"):
        train("r.yml", program="no-such-trainer")


def test_what_is_ignored_stays_ignored(trainer, tmp_path):
    """As under nohup: a hang-up ends neither process."""
    trainer("import time; time.sleep(1)")
    ignore = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    parent = subprocess.Popen([sys.executable, "-c", ignore + RUN, "r.yml"])
    time.sleep(0.5)
    parent.send_signal(signal.SIGHUP)
    assert parent.wait(20) == 0
