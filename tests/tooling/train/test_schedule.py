"""Steps as Axolotl counts them; each number below was read off its builder."""

import pytest

from emp_tooling.train.unsloth.schedule import Schedule, evaluating, saving

CASES = [
    # method, keys, rows -> max_steps, warmup_steps, logging_steps
    ("dpo", {"max_steps": 1000, "warmup_steps": 50, "logging_steps": 10}, 8000, (1000, 50, 10)),
    ("dpo", {"num_epochs": 2}, 100, (25, 0, 1)),  # ceil(100 * 2 / 8); 3 % of 25 steps is none
    ("dpo", {}, 80_000, (10_000, 100, 10)),  # at most 100 steps of warmup, a line every 10
    ("dpo", {"max_steps": 50, "warmup_ratio": 0.1}, 8000, (50, 100, 5)),  # of the epochs' 1000
    ("sft", {"max_steps": 50, "warmup_ratio": 0.1}, 8000, (50, 5, 1)),  # of the 50
    ("kto", {"warmup_ratio": 0.01}, 800, (100, 2, 1)),  # one step of warmup becomes two
    ("orpo", {"warmup_ratio": 0.001}, 800, (100, 0, 1)),
    ("grpo", {"max_steps": 250, "warmup_ratio": 0.1}, 60, (250, 0.1, 500)),  # a share, by TRL
    ("grpo", {}, 60, (-1, 0.03, 500)),  # TRL counts, since a prompt is many rows
]


@pytest.mark.parametrize(("method", "keys", "rows", "found"), CASES)
def test_steps(method, keys, rows, found):
    data = {"micro_batch_size": 2, "gradient_accumulation_steps": 4} | keys
    given = Schedule.of(data, method).arguments(rows)
    assert (given["max_steps"], given["warmup_steps"], given["logging_steps"]) == found
    assert given["num_train_epochs"] == keys.get("num_epochs", 1)


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({}, {"save_strategy": "epoch"}),
        ({"save_strategy": "no"}, {"save_strategy": "no"}),
        ({"save_strategy": "no", "save_steps": 5}, {"save_strategy": "steps", "save_steps": 5}),
        ({"saves_per_epoch": 1, "num_epochs": 1}, {"save_strategy": "epoch"}),  # else every step
        ({"saves_per_epoch": 2}, {"save_strategy": "steps", "save_steps": 0.5}),
    ],
)
def test_saving(keys, found):
    assert saving(keys) == found


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({}, ("no", None)),
        ({"eval_steps": 5}, ("no", None)),  # nothing is held out
        ({"eval_steps": 5, "val_set_size": 0.1}, ("steps", 5)),
        ({"eval_strategy": "epoch", "test_datasets": [{}]}, ("epoch", None)),
        ({"evals_per_epoch": 4, "num_epochs": 2, "val_set_size": 9}, ("steps", 0.125)),
        ({"val_set_size": 0.1}, ("no", None)),
    ],
)
def test_evaluating(keys, found):
    given = evaluating(keys)
    assert (given["eval_strategy"], given.get("eval_steps")) == found
    assert given.get("eval_on_start", False) is (found[0] != "no")  # the start is measured too
