"""Commands that run once, and again when what they were made from changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 10.0
IGNORED = {"__pycache__"}

# The trainer's bar has no words before the percentage; bars of datasets and weights have.
_TRAINER_BAR = re.compile(r"(?:^|[\r\n])\s*\d+%\|[^|\r\n]*\|\s*(\d+)/(\d+) \[")
_COUNT = re.compile(r"(?:^|[\r\n])progress (\d+)/(\d+)")

Watch = Callable[[float, str], None]


@dataclass(frozen=True)
class Step:
    """One command and the files that it turns into others.

    Attributes:
        name: Short name, also of its log and stamp.
        command: A console script beside the running Python, and its arguments.
        outputs: Files and folders that it makes; removed before it runs, and when it fails.
        inputs: Files and folders that it reads; a change in one makes it run again.
        env: Variables set for it.
    """

    name: str
    command: tuple[str, ...]
    outputs: tuple[Path, ...]
    inputs: tuple[Path, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a step went.

    Attributes:
        seconds: How long it took when it really ran.
        reused: Whether that was an earlier time.
    """

    seconds: float
    reused: bool


class StepFailed(RuntimeError):
    """A step's command ended with an error, or without what it should have made.

    Attributes:
        log: Its output.
    """

    def __init__(self, message: str, log: Path) -> None:
        """Keeps the message and the log."""
        super().__init__(message)
        self.log = log


def run_step(step: Step, folder: Path, watch: Watch = lambda seconds, progress: None) -> Outcome:
    """Runs a step unless what it would make is there already.

    Args:
        step: The step.
        folder: Where ``.stamps/NAME.json`` and ``logs/NAME.log`` go.
        watch: Called a few times a second with the seconds so far and the progress found in the
            log, such as ``"12/40"``, or an empty text.

    Returns:
        How long it took.

    Raises:
        InputError: Its program is not installed, or an input is missing.
        StepFailed: It failed.
    """
    stamp, log = folder / ".stamps" / f"{step.name}.json", folder / "logs" / f"{step.name}.log"
    mark = fingerprint(step)
    seconds = _stamped(step, stamp, mark)
    if seconds is not None:
        return Outcome(seconds, reused=True)
    program = find_program(step.command[0])
    stamp.unlink(missing_ok=True)
    remove(*step.outputs)
    for path in (log, *step.outputs):
        path.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        status = _execute([program, *step.command[1:]], step.env, log, watch)
        if status != 0:
            raise StepFailed(f"{step.name} ended with status {status}", log)
        missing = [str(path) for path in step.outputs if not path.exists()]
        if missing:
            raise StepFailed(f"{step.name} did not make {', '.join(missing)}", log)
    except BaseException:
        remove(*step.outputs)
        raise
    seconds = round(time.monotonic() - started, 1)
    with atomic_write(stamp) as file:
        json.dump({"fingerprint": mark, "seconds": seconds}, file)
    return Outcome(seconds, reused=False)


def fingerprint(step: Step) -> str:
    """A hash of what a step is made from: its command, variables and the content of its inputs.

    Args:
        step: The step.

    Returns:
        Hexadecimal digits.

    Raises:
        InputError: An input is missing.
    """
    digest = hashlib.sha256(json.dumps([step.command, sorted(step.env.items())]).encode())
    for root in step.inputs:
        if not root.exists():
            raise InputError(f"{root}: no such file; {step.name} needs it")
        for path in _files(root):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(root.parent)}\0{content}\0".encode())
    return digest.hexdigest()


def find_program(name: str) -> str:
    """The console script of this environment, or else the one on the search path.

    Args:
        name: Such as ``"axolotl"``.

    Returns:
        Its path.

    Raises:
        InputError: There is none.
    """
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if not found:
        raise InputError(f"{name}: no such program in {beside.parent}")
    return found


def find_progress(text: str) -> str:
    r"""The latest count of steps in the end of a log.

    Args:
        text: What a trainer or ``emp eval`` wrote.

    Returns:
        Such as ``"12/40"``; empty where there is no count.

    Example:
        >>> find_progress("Map: 100%|###| 9/9 [00:00]\n 30%|##   | 12/40 [00:20<00:46, 1.6s/it]")
        '12/40'
    """
    hits = [*_TRAINER_BAR.finditer(text), *_COUNT.finditer(text)]
    return "/".join(max(hits, key=lambda hit: hit.start()).groups()) if hits else ""


def tail(log: Path, lines: int = 15) -> list[str]:
    """The last lines of a log, of a progress bar only its last state.

    Args:
        log: The file.
        lines: How many.

    Returns:
        Lines that are not blank.
    """
    text = log.read_bytes().decode("utf-8", errors="replace") if log.exists() else ""
    rows = [row.rstrip("\r").rsplit("\r", 1)[-1] for row in text.split("\n")]
    return [row for row in rows if row.strip()][-lines:]


def remove(*paths: Path) -> None:
    """Deletes files and folders that may not be there.

    Args:
        *paths: What to delete.
    """
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _stamped(step: Step, stamp: Path, mark: str) -> float | None:
    try:
        found = json.loads(stamp.read_text(encoding="utf-8"))
        same = found["fingerprint"] == mark and all(path.exists() for path in step.outputs)
        return float(found["seconds"]) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for path in sorted(root.rglob("*")):
        if path.is_file() and not IGNORED & set(path.relative_to(root).parts):
            yield path


def _execute(command: list[str], env: Mapping[str, str], log: Path, watch: Watch) -> int:
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PATH": _path(), **env},
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                watch(time.monotonic() - started, find_progress(_end(log)))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(POLL_SECONDS)
            return process.returncode
        finally:
            if process.poll() is None:
                _stop(process)


def _path() -> str:
    # Axolotl starts `accelerate` by name, also where nobody activated the environment.
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _stop(process: subprocess.Popen[bytes]) -> None:
    # A trainer starts children of its own: the whole session goes.
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
            return


def _end(log: Path, size: int = 4096) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - size))
        return file.read().decode("utf-8", errors="replace")
