import json
import math

import pytest

from emp_plugins.errors import InputError
from emp_tooling.report.history import read_logs


def save(folder, name, history):
    path = folder / name / "trainer_state.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"log_history": history}))


def test_the_newest_checkpoint_counts_by_number_not_by_name(tmp_path):
    save(tmp_path, "checkpoint-9", [{"step": 9, "reward": 0.9}])
    save(tmp_path, "checkpoint-60", [{"step": 60, "reward": 6.0}])
    save(tmp_path, "checkpoint-100", [{"step": 100, "reward": 10.0}])
    (tmp_path / "checkpoint-200").mkdir()  # a checkpoint that was cut off
    assert read_logs(tmp_path).entries == ({"step": 100, "reward": 10.0},)
    save(tmp_path, ".", [{"step": 120, "reward": 12.0}])  # written at the end of the training
    assert read_logs(tmp_path).entries == ({"step": 120, "reward": 12.0},)


def test_a_state_that_was_cut_off_gives_way_to_the_one_before(tmp_path):
    save(tmp_path, "checkpoint-10", [{"step": 10, "reward": 1.0}])
    save(tmp_path, "checkpoint-20", [])
    (tmp_path / "checkpoint-20/trainer_state.json").write_text('{"log_hist')
    logs = read_logs(tmp_path)
    assert logs.series("reward") == [(10, 1.0)]
    assert logs.unreadable == ("checkpoint-20/trainer_state.json",)


def test_no_checkpoint_gives_no_log(tmp_path):
    assert read_logs(tmp_path) == read_logs(tmp_path / "nowhere")
    assert read_logs(tmp_path).entries == ()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"log_history": 3}', "null"])
def test_where_no_state_can_be_read_it_is_named(tmp_path, content):
    (tmp_path / "trainer_state.json").write_text(content)
    with pytest.raises(InputError, match="trainer_state.json: no trainer state"):
        read_logs(tmp_path)


def test_what_is_no_finite_number_is_left_out_and_counted(tmp_path):
    history = [
        {"step": 2, "kl": 0.1, "reward": math.nan, "note": "x", "done": True},
        {"step": 1, "kl": math.inf, "reward": 0.5},
        {"step": 2, "kl": 0.3},  # logged again after a resume
        {"train_runtime": 3.0},  # the trainer's summary has no step
        "damaged",
    ]
    save(tmp_path, "checkpoint-2", history)
    logs = read_logs(tmp_path)
    assert logs.series("kl") == [(2, 0.3)] and logs.series("reward") == [(1, 0.5)]
    assert logs.dropped == 2 and logs.keys == ["step", "reward", "kl"]
