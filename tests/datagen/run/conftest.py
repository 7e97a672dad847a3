import os
import signal
import time
import traceback

import pytest

from emp_datagen import teachers
from emp_datagen.cases import Plan
from emp_datagen.crew import CrewSpec
from emp_datagen.personas import load
from emp_datagen.run import engine
from emp_datagen.run.progress import silent


@pytest.fixture(scope="session", autouse=True)
def imported():
    """distilabel takes seconds to import: once, before any child is forked."""
    teachers.load()


def plan(n=40, **changes):
    return Plan(**{"kind": "pairs", "personas": load(["mdd,gad,ptsd"]), "n": n, **changes})


def generate(out, n=40, spec=None, progress=silent, plan_=None, **options):
    chosen = spec or CrewSpec(judged=False)
    return engine.run(plan_ or plan(n), chosen, engine.Options(out, **options), progress)


def in_child(work):
    """Runs ``work`` in a forked process and returns its pid; it ends with status 0, or 1."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        # A pipeline of distilabel in this process may have left its own handler.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def kill(pid, after, number=signal.SIGKILL):
    """Kills a child after some seconds; returns its status, negative for a signal."""
    time.sleep(after)
    os.kill(pid, number)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.fixture
def tools():
    """The functions of this file, for tests beside it."""
    import types

    return types.SimpleNamespace(plan=plan, generate=generate, in_child=in_child, kill=kill)
