"""``axolotl train`` as a child process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from emp_tooling.steps import find_program

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def train(recipe: str | Path, options: Sequence[str] = (), program: str = "axolotl") -> int:
    """Runs ``axolotl train`` with this process's input and output.

    The signals that would end this process go to the child and to all that it started.

    Args:
        recipe: The recipe's file.
        options: More options of ``axolotl train``.
        program: Name of the console script, found beside the running Python.

    Returns:
        Its exit status; 128 and the number of the signal where one ended it.

    Raises:
        InputError: Axolotl is not installed.
    """
    command = [find_program(program), "train", str(recipe), *options]
    # A session of its own: else a Ctrl-C of the terminal would reach it twice.
    child = subprocess.Popen(command, env=environment(), start_new_session=True)
    with _forwarding(child):
        status = child.wait()
    return 128 - status if status < 0 else status


def environment() -> dict[str, str]:
    """The child's variables: this process's, with telemetry off unless the user decided on it."""
    # Axolotl starts `accelerate` by name, also where nobody activated the environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {"AXOLOTL_DO_NOT_TRACK": "1", **os.environ, "PATH": path}


@contextlib.contextmanager
def _forwarding(child: subprocess.Popen[bytes]) -> Iterator[None]:
    def forward(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)

    # What this process was told to ignore, as nohup does with a hang-up, the child ignores too.
    heeded = [number for number in FORWARDED if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, forward) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
