import json

import pytest

from emp_plugins.errors import InputError
from emp_tooling.report.history import curves, read_history


def save(folder, name, history):
    path = folder / name / "trainer_state.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"log_history": history}))


def test_the_newest_checkpoint_counts_by_number_not_by_name(tmp_path):
    save(tmp_path, "checkpoint-9", [{"step": 9, "reward": 0.9}])
    save(tmp_path, "checkpoint-60", [{"step": 60, "reward": 6.0}])
    save(tmp_path, "checkpoint-100", [{"step": 100, "reward": 10.0}])
    (tmp_path / "checkpoint-200").mkdir()  # a checkpoint that was cut off
    assert read_history(tmp_path) == [{"step": 100, "reward": 10.0}]
    save(tmp_path, ".", [{"step": 120, "reward": 12.0}])  # written at the end of the training
    assert read_history(tmp_path) == [{"step": 120, "reward": 12.0}]


def test_no_checkpoint_gives_no_history(tmp_path):
    assert read_history(tmp_path) == read_history(tmp_path / "nowhere") == []
    assert curves([]) == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"log_history": 3}', "null"])
def test_a_damaged_state_is_named(tmp_path, content):
    (tmp_path / "trainer_state.json").write_text(content)
    with pytest.raises(InputError, match="trainer_state.json: no trainer state"):
        read_history(tmp_path)


def test_curves_take_rewards_in_the_order_logged_and_skip_what_is_no_number():
    history = [
        {"step": 2, "rewards/safety/mean": 1.0, "rewards/empathy/mean": 0.2, "reward": 1.2},
        {"step": 1, "rewards/safety/mean": "0.5", "rewards/empathy/mean": float("nan")},
        {"step": 3, "rewards/safety/mean": 0.7, "rewards/empathy/mean": 0.4, "reward": 1.1},
        {"step": 3, "kl": 0.1, "completions/mean_length": 40, "rewards/empathy/std": 9},
        {"step": 4, "kl": 0.2},
        {"train_runtime": 3.0},  # the trainer's summary
    ]
    found = {curve.title: curve.points for curve in curves(history)}
    assert list(found) == ["Total reward", "Safety", "Empathy", "KL from the start"]
    assert found["Safety"] == ((1, 0.5), (2, 1.0), (3, 0.7))
    assert found["Empathy"] == ((2, 0.2), (3, 0.4))
    assert found["KL from the start"] == ((3, 0.1), (4, 0.2))  # one point of length: no curve
