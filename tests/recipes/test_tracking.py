"""One key a tracker: W&B's offline run and TensorBoard's events hold the rewards' numbers."""

import math

import pytest

from .trained import Job
from .wandb_log import history

pytestmark = pytest.mark.train
STEPS = 2
RECIPE = "recipes/tiny_grpo_empathy.yml"
SMALL = {"max_steps": STEPS, "micro_batch_size": 16, "trl__max_completion_length": 32}
KEYS = {
    "wandb": {"wandb_project": "tiny", "wandb_mode": "offline"},
    "tensorboard": {"use_tensorboard": True},
}
METRICS = ("reward", "rewards/empathy/mean", "rewards/safety/mean", "structure/well_formed")


@pytest.fixture(scope="module")
def tracked(train, tmp_path_factory):
    home = tmp_path_factory.mktemp("trackers")
    env = {"WANDB_DIR": str(home)}
    jobs = {name: Job(RECIPE, {**SMALL, **keys}, env) for name, keys in KEYS.items()}
    return home, train(jobs)


def test_wandb_offline(tracked):
    home, trained = tracked
    (path,) = home.glob("wandb/offline-run-*/run-*.wandb")
    compare(history(path), trained["wandb"])


def test_tensorboard(tracked):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    _, trained = tracked
    done = trained["tensorboard"]
    (path,) = done.folder.glob("**/events.out.tfevents.*")
    events = EventAccumulator(str(path.parent)).Reload()
    found = {f"train/{key}": [e.value for e in events.Scalars(f"train/{key}")] for key in METRICS}
    compare(found, done)


def test_what_nothing_was_scored_for_is_no_number(tracked):
    """Random weights write nothing well-formed; the key is there all the same, on every rank."""
    home, trained = tracked
    for done in trained.values():
        assert done.logged("structure/well_formed") == [0.0] * STEPS
        assert done.logged("empathy/reactions") == [None] * STEPS
    (path,) = home.glob("wandb/offline-run-*/run-*.wandb")
    assert history(path)["train/empathy/reactions"] == [None] * STEPS


def compare(found, done):
    """The tracker's values of each metric against those in the trainer's own state."""
    for key in METRICS:
        values = done.logged(key)
        assert len(values) == STEPS and all(map(math.isfinite, values))
        assert found[f"train/{key}"] == pytest.approx(values, rel=1e-5), key
