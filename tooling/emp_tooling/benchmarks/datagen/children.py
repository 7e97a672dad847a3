"""Runs commands in processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError

EMP_DATAGEN = str(Path(sys.executable).with_name("emp-datagen"))
"""The command that was installed with this Python."""

LAUNCHER = """
import json, resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(json.dumps([status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""
"""A small process in between: a child's peak counts the memory of the one that started it."""


@dataclass(frozen=True)
class Ran:
    """A process that has ended well.

    Attributes:
        stdout: What it printed.
        started: When, by `time.monotonic`, which all processes of a machine share.
        ended: When.
        cpu_s: CPU time of it and of the processes that it waited for.
    """

    stdout: str
    started: float
    ended: float
    cpu_s: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.started


def module(name: str) -> tuple[str, ...]:
    """The command that runs a module of these benchmarks."""
    return (sys.executable, "-m", f"emp_tooling.benchmarks.datagen.{name}")


def run(command: Sequence[str | Path], **environment: str) -> Ran:
    """Runs a command to its end.

    Args:
        command: What to run.
        **environment: Variables that it gets besides those of this process.

    Returns:
        What it printed, and when.

    Raises:
        InputError: It failed; with the last line that it printed to stderr.
    """
    busy, started = _cpu_s(), time.monotonic()
    done = subprocess.run(
        list(map(str, command)), env=_environment(environment), capture_output=True, text=True
    )
    ended = time.monotonic()
    _check(command, done.returncode, done.stderr)
    return Ran(done.stdout, started, ended, _cpu_s() - busy)


def peak_mib(command: Sequence[str | Path]) -> float:
    """Runs a command and says how much memory it held at most.

    Args:
        command: What to run.

    Returns:
        Largest resident set of it and of the processes that it waited for, each alone, in MiB.

    Raises:
        InputError: It failed.
    """
    launched = [sys.executable, "-I", "-S", "-c", LAUNCHER, *map(str, command)]
    done = subprocess.run(launched, env=_environment({}), capture_output=True, text=True)
    _check(command, done.returncode, done.stderr)
    status, peak = json.loads(done.stdout)
    _check(command, status, done.stderr)
    return peak * (1 / 1024 if sys.platform != "darwin" else 1 / 1024**2)


@contextlib.contextmanager
def server(command: Sequence[str | Path]) -> Iterator[Any]:
    """A process that says on its first line what it is, and ends when its stdin is closed.

    Args:
        command: What to run.

    Yields:
        Its first line, read as JSON.

    Raises:
        InputError: It ended before it said anything.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(list(map(str, command)), stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        line = process.stdout.readline()
        if not line:
            _check(command, process.wait() or 1, "")
        try:
            yield json.loads(line)
        finally:
            process.stdin.close()


def _cpu_s() -> float:
    """CPU time of all children so far that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environment(more: dict[str, str]) -> dict[str, str]:
    """No key leaves this machine's environment, and no proxy stands before loopback."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return {**kept, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **more}


def _check(command: Sequence[str | Path], status: int, stderr: str) -> None:
    if status:
        lines = stderr.strip().splitlines() or ["no message"]
        what = " ".join(map(str, command[1:4]))
        raise InputError(f"{what}: ended with status {status}: {lines[-1][:300]}")
