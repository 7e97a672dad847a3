import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emp_plugins.errors import InputError
from emp_tooling.steps import Step, StepFailed, find_progress, fingerprint, run_step, tail

COPY = "import sys, pathlib as p; p.Path(sys.argv[2]).write_text(p.Path(sys.argv[1]).read_text())"


def copy_step(folder: Path, **changes) -> Step:
    source, target = folder / "in.txt", folder / "made" / "out.txt"
    fields = {
        "name": "copy",
        "command": ("python", "-c", COPY, str(source), str(target)),
        "outputs": (target,),
        "inputs": (source,),
    }
    return Step(**{**fields, **changes})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in.txt").write_text("one")
    return tmp_path


def test_a_step_runs_once(folder):
    step = copy_step(folder)
    first = run_step(step, folder)
    assert not first.reused and (folder / "made/out.txt").read_text() == "one"
    written = (folder / "made/out.txt").stat().st_mtime_ns
    second = run_step(step, folder)
    assert second.reused and second.seconds == first.seconds
    assert (folder / "made/out.txt").stat().st_mtime_ns == written


def test_the_recorded_seconds_are_those_of_the_real_run(folder):
    run_step(copy_step(folder), folder)
    stamp = folder / ".stamps/copy.json"
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "seconds": 71.5}))
    assert run_step(copy_step(folder), folder).seconds == 71.5


def test_a_changed_input_runs_it_again(folder):
    run_step(copy_step(folder), folder)
    (folder / "in.txt").write_text("two")
    assert not run_step(copy_step(folder), folder).reused
    assert (folder / "made/out.txt").read_text() == "two"


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: {"command": copy_step(folder).command + ("--seed=1",)},
        lambda folder: {"env": {"A": "1"}},
    ],
    ids=["command", "env"],
)
def test_a_changed_command_runs_it_again(folder, change):
    run_step(copy_step(folder), folder)
    assert not run_step(copy_step(folder, **change(folder)), folder).reused


def test_a_missing_output_runs_it_again(folder):
    run_step(copy_step(folder), folder)
    (folder / "made/out.txt").unlink()
    assert not run_step(copy_step(folder), folder).reused
    assert (folder / "made/out.txt").exists()


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"fingerprint": 3}', "\xff"])
def test_a_damaged_stamp_counts_as_none(folder, content):
    run_step(copy_step(folder), folder)
    (folder / ".stamps/copy.json").write_text(content, encoding="latin-1")
    assert not run_step(copy_step(folder), folder).reused


def test_folders_count_by_what_they_hold(folder):
    source = folder / "model"
    (source / "sub").mkdir(parents=True)
    (source / "sub/a").write_text("1")
    step = copy_step(folder, inputs=(source,))
    marks = [fingerprint(step)]
    (source / "sub/__pycache__").mkdir()
    (source / "sub/__pycache__/a.pyc").write_text("x")
    assert fingerprint(step) == marks[0]  # caches do not count
    (source / "sub/a").write_text("2")
    marks.append(fingerprint(step))
    (source / "sub/a").rename(source / "sub/b")
    marks.append(fingerprint(step))
    assert len(set(marks)) == 3


def test_what_an_earlier_run_left_is_removed_first(folder):
    output = folder / "out"
    output.mkdir()
    (output / "stale").write_text("x")
    code = f"import os; os.mkdir({str(output)!r})"  # fails where the folder is still there
    run_step(Step("make", ("python", "-c", code), outputs=(output,)), folder)
    assert list(output.iterdir()) == []


def test_a_failure_leaves_no_stamp_and_no_output(folder):
    run_step(copy_step(folder), folder)
    code = "import sys, pathlib as p; p.Path(sys.argv[1]).write_text('half'); print('no!'); exit(3)"
    target = folder / "made/out.txt"
    step = copy_step(folder, command=("python", "-c", code, str(target)))
    with pytest.raises(StepFailed, match="copy ended with status 3") as error:
        run_step(step, folder)
    assert tail(error.value.log) == ["no!"]
    assert not target.exists() and not (folder / ".stamps/copy.json").exists()
    assert not run_step(copy_step(folder), folder).reused


def test_success_without_the_output_is_a_failure(folder):
    with pytest.raises(StepFailed, match="did not make .*out.txt"):
        run_step(copy_step(folder, command=("python", "-c", "pass")), folder)
    assert not (folder / ".stamps/copy.json").exists()


def test_an_interrupt_stops_the_child_and_leaves_nothing(folder):
    target, child = folder / "made/out.txt", folder / "pid"
    code = (
        "import os, sys, time, pathlib as p; p.Path(sys.argv[1]).write_text('half'); "
        "p.Path(sys.argv[2]).write_text(str(os.getpid())); time.sleep(60)"
    )
    step = copy_step(folder, command=("python", "-c", code, str(target), str(child)))

    def watch(seconds, progress):
        if child.exists() and child.read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_step(step, folder, watch)
    with pytest.raises(ProcessLookupError):
        os.kill(int(child.read_text()), 0)
    assert not target.exists() and not (folder / ".stamps/copy.json").exists()


def test_a_killed_run_leaves_no_stamp(folder):
    code = (
        "import sys, pathlib as p; from emp_tooling.steps import Step, run_step; "
        "f = p.Path(sys.argv[1]); o = f / 'out'; "
        "run_step(Step('slow', ('python', '-c', "
        "'import sys, time; open(sys.argv[1], \"w\"); time.sleep(2)', str(o)), (o,)), f)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)])
    deadline = time.monotonic() + 20
    while not (folder / "out").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (folder / "out").exists() and not (folder / ".stamps/slow.json").exists()


def test_a_missing_input_or_program_is_named(folder):
    with pytest.raises(InputError, match="nowhere.*copy needs it"):
        run_step(copy_step(folder, inputs=(folder / "nowhere",)), folder)
    with pytest.raises(InputError, match="no-such-program-here: no such program"):
        run_step(copy_step(folder, command=("no-such-program-here",)), folder)


def test_a_step_finds_the_scripts_beside_the_running_python(folder, monkeypatch):
    monkeypatch.setenv("PATH", str(folder))  # an environment that nobody activated
    code = "import shutil, sys; open(sys.argv[1], 'w').write(shutil.which('pytest'))"
    target = folder / "made/out.txt"
    run_step(copy_step(folder, command=("python", "-c", code, str(target))), folder)
    assert Path(target.read_text()).parent == Path(sys.executable).parent


def test_progress_is_seen_while_it_runs(folder):
    code = (
        "import sys, time, pathlib as p\n"
        "for i in range(3):\n"
        "    sys.stderr.write(f'\\r {i}%|#  | {i}/3 [00:00<00:01]'); sys.stderr.flush()\n"
        "    time.sleep(.3)\n"
        "p.Path(sys.argv[1]).write_text('x')"
    )
    seen = []
    step = copy_step(folder, command=("python", "-c", code, str(folder / "made/out.txt")))
    run_step(step, folder, lambda seconds, progress: seen.append(progress))
    assert {"0/3", "1/3", "2/3"} & set(seen)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ""),
        ("\r 30%|###   | 12/40 [00:20<00:46,  1.64s/it]", "12/40"),
        ("  5%|5| 2/40 [..]\r  8%|8| 3/40 [..", "3/40"),  # the last one counts
        ("{'loss': 1.0}\n 30%|###   | 12/40 [00:20<", "12/40"),
        ("\rMap (num_proc=1): 100%|###| 600/600 [00:01<", ""),  # the bar of a dataset
        ("\rLoading weights: 100%|###| 9/9 [00:00<", ""),
        ("progress 64/400 prompts\nprogress 128/400 prompts\n", "128/400"),
        ("50/50 tests", ""),
    ],
)
def test_progress_is_read_from_the_log(text, found):
    assert find_progress(text) == found


def test_the_tail_shows_a_bar_only_once(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"a\n\n 1%|\r 2%|\r 3%|\nError: \xff\r\n")
    assert tail(log) == ["a", " 3%|", "Error: \ufffd"]
    assert tail(log, 1) == ["Error: \ufffd"]
    assert tail(tmp_path / "none") == []
