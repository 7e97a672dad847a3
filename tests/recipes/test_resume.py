"""A GRPO run as a user types it, killed between two checkpoints, goes on from the last one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .trained import Job

pytestmark = pytest.mark.train
STEPS, EVERY = 6, 2
KILL_IN_STEP = 4  # after the checkpoint of step 2, before that of step 4
PATIENCE_S = 400


@pytest.fixture(scope="module")
def resumed(train, workshop, with_user_code):
    """What the rewards saw before the kill, and the training that went on after it."""
    keys = {"max_steps": STEPS, "save_steps": EVERY, "auto_resume_from_checkpoints": True}
    name = with_user_code("resume", micro_batch_size=8, **keys)
    folder = workshop / "out/resume"
    kill_in_step(workshop, name, folder / "seen_0.jsonl")
    left = {path.name for path in folder.glob("checkpoint-*")}
    before = calls(folder / "seen_0.jsonl")
    job = Job(name, {"save_strategy": "steps"}, {"SEEN": "out/resume/after"})
    done = train({"resume": job})["resume"]
    return left, before, calls(folder / "after/seen_0.jsonl"), done


def test_ends_with_every_step_logged_once(resumed):
    left, before, after, done = resumed
    assert left == {f"checkpoint-{EVERY}"} and len(before) == KILL_IN_STEP
    assert done.state["global_step"] == STEPS
    steps = [entry["step"] for entry in done.state["log_history"] if "reward" in entry]
    assert steps == list(range(1, STEPS + 1))
    assert len(after) == STEPS - EVERY  # what the checkpoint holds is not done again


def test_goes_on_as_if_nothing_had_happened(resumed):
    """The random state and the place in the data are the checkpoint's: the same replies follow."""
    _, before, after, done = resumed
    lost = before[EVERY]  # step 3, done once before the kill and once after it
    assert after[0]["prompts"] == lost["prompts"]
    assert after[0]["completions"] == lost["completions"]
    assert min(done.logged("kl")[EVERY:]) > 0  # it is no fresh copy of its reference


def test_a_checkpoint_cut_short_is_left_out(train):
    """What a kill during a save leaves has no trainer state; the one before it takes over."""
    keys = {"max_steps": 4, "save_steps": 2, "warmup_steps": 0, "micro_batch_size": 2}
    job = Job("recipes/tiny_dpo_cbt.yml", {**keys, "auto_resume_from_checkpoints": True})
    whole = train({"cut": job})["cut"]
    losses, log_ratios = whole.losses, whole.logged("rewards/chosen")
    (whole.folder / "checkpoint-4/trainer_state.json").unlink()
    done = train({"cut": job})["cut"]
    assert "checkpoint-4 was not saved to its end" in done.log
    assert done.losses == pytest.approx(losses, rel=1e-4)
    assert done.logged("rewards/chosen") == pytest.approx(log_ratios, rel=1e-3)


def kill_in_step(workshop, name, seen):
    """Starts `axolotl train` and kills it with all its children when a step has been scored."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "SEEN": str(seen.parent), "OMP_NUM_THREADS": "1"}
    log = workshop / "killed.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            ["axolotl", "train", name],
            cwd=workshop,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            until = time.monotonic() + PATIENCE_S
            while len(calls(seen)) < KILL_IN_STEP:
                assert process.poll() is None and time.monotonic() < until, log.read_text()[-6000:]
                time.sleep(0.02)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def calls(seen):
    """What the rewards were given, one entry a step; the line being written is left out."""
    text = seen.read_text() if seen.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]
