"""Trains recipes as ``axolotl train`` does, but imports Axolotl once for all of them.

Reads lines of JSON from standard input, each a list of jobs ``{recipe, overrides, env, log}``,
and answers each line with the list of their exit statuses. Every job runs in a fork of this
process, so that it begins as a new process would: no plugin, device or trainer state of an earlier
run is there, and a run that fails, or is killed, fails alone.
"""

import json
import os
import sys

WORKERS = max(1, (os.cpu_count() or 1) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)))
"""As many trainings at a time as there are cores, shared with other workers of the tests."""


def main():
    """Answers until standard input ends; standard output holds the answers and nothing else."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the imports print
    preload()
    for line in sys.stdin:
        jobs = json.loads(line)
        statuses = run_jobs(jobs)
        print(json.dumps(statuses), file=answers, flush=True)


def preload():
    """Imports what every training needs, without starting a thread or reading a configuration."""
    import axolotl.cli.config
    import axolotl.cli.train
    import axolotl.common.datasets
    import axolotl.core.builders
    import axolotl.core.trainers.grpo.trainer
    import axolotl.train  # noqa: F401


def run_jobs(jobs):
    """Runs the jobs, as many at a time as there are cores; returns their statuses in order."""
    waiting, running, statuses = list(enumerate(jobs)), {}, {}
    while waiting or running:
        while waiting and len(running) < WORKERS:
            index, job = waiting.pop(0)
            running[start(job)] = index
        pid, status = os.wait()
        statuses[running.pop(pid)] = os.waitstatus_to_exitcode(status)
    return [statuses[index] for index in range(len(jobs))]


def start(job):
    """Forks a process for a job and returns its id; the child never returns from here."""
    pid = os.fork()
    if pid:
        return pid
    from axolotl.cli.train import do_cli

    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.environ.update(job["env"])
    sys.argv[1:] = [job["recipe"]]
    sys.path[0] = os.getcwd()  # where a user's own functions lie
    do_cli(config=job["recipe"], **job["overrides"])
    sys.exit()  # not os._exit: trackers write the end of their runs when the interpreter stops


if __name__ == "__main__":
    main()
