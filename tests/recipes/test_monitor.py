"""The monitor in real runs: what it writes and logs, and that the training does not notice it."""

import json
import math

import numpy as np
import pytest
import yaml

from emp_plugins.monitor.record import read_record

from .trained import Job
from .wandb_log import history

pytestmark = pytest.mark.train

GRPO, DPO = "tiny_grpo_empathy", "tiny_dpo_cbt"
SMALL = {
    "max_steps": 4,
    "warmup_steps": 0,
    "lora_dropout": 0.1,  # draws from the random state at each step, as sampling does
    "gradient_checkpointing": True,
}
SHORT = {"max_completion_length": 32, "num_generations": 4, "log_completions": True}
SMALL_GRPO = {**SMALL, "micro_batch_size": 16, "trl": SHORT}
SMALL_DPO = {**SMALL, "micro_batch_size": 2, "save_steps": 2, "auto_resume_from_checkpoints": True}
FEW = {"n": 4, "max_new_tokens": 24, "every_steps": 2}
STOPPING = {**FEW, "health": {"truncation": {"window": 2}}, "stop_on": ["truncation"]}

OWN = {"reward_funcs": ["user_code.seen", "user_code.fragile"], "reward_weights": [0.0, 0.0]}
FRAGILE = {**SMALL_GRPO, "trl": {**SHORT, **OWN}}
SKIPPING = {**FEW, "skip_rewards": ["seen"]}

RUNS = {
    # The recipe's own batch, so that the share of time means something.
    "watched": (GRPO, FEW, {"max_steps": 6, "wandb_project": "tiny"}),
    "grpo": (GRPO, {**FEW, "completions": True}, SMALL_GRPO),
    "grpo_alone": (GRPO, None, SMALL_GRPO),
    "dpo": (DPO, FEW, SMALL_DPO),
    "dpo_alone": (DPO, None, SMALL_DPO),
    "stopped": (GRPO, STOPPING, {**SMALL_GRPO, "max_steps": 8}),
    "fragile": (GRPO, SKIPPING, FRAGILE),
}


def recipe(name, workshop):
    base, monitor, keys = RUNS[name]
    content = yaml.safe_load((workshop / f"recipes/{base}.yml").read_text())
    block = {**content.get("empathy", {}), "monitor": monitor}
    content["empathy"] = {key: value for key, value in block.items() if value is not None}
    content |= {**keys, "trl": {**content.get("trl", {}), **keys.get("trl", {})}}
    content = {key: value for key, value in content.items() if value != {}}
    path = workshop / f"monitor_{name}.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path.name


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("wandb")


@pytest.fixture(scope="module")
def runs(train, workshop, home, user_code):
    env = {"WANDB_DIR": str(home), "WANDB_MODE": "offline", "SEEN": str(home / "seen")}
    return train({name: Job(recipe(name, workshop), {}, env) for name in RUNS})


def weights(run):
    from safetensors.numpy import load_file

    return load_file(run.folder / "adapter_model.safetensors")


def steps(run):
    return [point.step for point in read_record(run.folder).points]


def test_measures_before_the_first_step_every_n_and_at_the_end(runs):
    record = read_record(runs["watched"].folder)
    assert steps(runs["watched"]) == [0, 2, 4, 6]
    assert [run["step"] for run in record.runs] == [0] and record.skipped == 0
    (run,) = record.runs
    assert run["method"] == "grpo" and run["rewards"]["safety"] == 2.0 and run["world_size"] == 1
    assert run["recipe"]["learning_rate"] == 4.0e-4 and run["data"][0]["rows"] == 60
    shares = record.points[-1].shares
    assert set(shares) == {"generation", "reward", "update", "monitor"}
    assert 0 < sum(shares.values()) <= 1


def test_costs_less_than_a_twentieth(runs):
    (end,) = read_record(runs["watched"].folder).ends
    assert end["rounds"] == 4 and end["share"] < 0.05
    assert "monitor: 4 measurements, " in runs["watched"].log


def test_wandb_receives_every_metric(runs, home):
    (path,) = home.glob("wandb/offline-run-*/run-*.wandb")
    found = history(path)
    points = read_record(runs["watched"].folder).points
    shown = {key: values for key, values in found.items() if key.startswith("train/monitor/")}
    for name in points[-1].figures:
        values = shown[f"train/monitor/{name}"]
        means = [point.mean(name) for point in points if name in point.figures]
        assert values == pytest.approx(means, rel=1e-6), name
    assert len(shown["train/monitor/reward_total/low"]) == 4
    assert len(shown["train/monitor/share/generation"]) == 3  # nothing has passed at step 0
    assert len(shown["train/monitor/memory_gib"]) == 4
    assert any(key.startswith("train/monitor/failures/") for key in shown)
    assert all(math.isfinite(value) for values in shown.values() for value in values)


@pytest.mark.parametrize("name", ["grpo", "dpo"])
def test_the_training_does_not_notice(runs, name):
    """The same adapter to the last bit, and the same log at every step."""
    watched, alone = runs[name], runs[f"{name}_alone"]
    assert steps(watched) == [0, 2, 4]
    ours, theirs = weights(watched), weights(alone)
    assert ours.keys() == theirs.keys() and any(value.any() for value in ours.values())
    for key, value in ours.items():
        np.testing.assert_array_equal(value, theirs[key], err_msg=key)
    assert watched.losses == alone.losses and len(watched.losses) == 4
    if name == "grpo":
        assert watched.logged("reward") == alone.logged("reward")


def test_the_console_gets_a_line_a_measurement(runs):
    log = runs["grpo"].log
    assert all(f"monitor: step {step}: reward " in log for step in (0, 2, 4))
    assert "monitor/reward_total" not in log


def test_a_table_says_what_each_reply_is(runs):
    import pandas

    for name, extra in (("grpo", True), ("grpo_alone", False)):
        tables = sorted(runs[name].folder.glob("completions/*.parquet"))
        assert len(tables) == 4
        for path in tables:
            table = pandas.read_parquet(path)
            names = {"answer", "introspection", "temper", "attitude", "sensitivity", "polarity"}
            assert len(table) == 16 and (names | {"rule"} <= set(table)) == extra


def test_completions_can_be_scored_again(runs, run, workshop):
    path = runs["grpo"].folder / "completions.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    monitored = [line["step"] for line in lines if line["source"] == "monitor"]
    assert monitored == [0] * 4 + [2] * 4 + [4] * 4
    trained = [line["step"] for line in lines if line["source"] == "train"]
    assert trained == [1] * 16 + [2] * 16 + [3] * 16 + [4] * 16
    assert {line["persona"] for line in lines if line["source"] == "train"} == {"mdd", "gad"}
    asked = ("emp", "score", "monitor_grpo.yml", "--jsonl", path, "--format", "json")
    scored = json.loads(run(*asked, cwd=workshop).stdout)["replies"]
    assert len(scored) == len(lines)
    for line, again in zip(lines, scored, strict=True):
        assert again["values"]["safety"] == pytest.approx(line["rewards"]["safety"])


def test_no_text_of_a_client_in_the_record_or_the_log(runs):
    watched = runs["grpo"]
    lines = (watched.folder / "completions.jsonl").read_text().splitlines()
    said = [json.loads(line)["prompt"][-1]["content"] for line in lines[:4]]
    record = (watched.folder / "monitor.jsonl").read_text()
    assert all(text.partition("Patient: ")[2] not in record for text in said)


def test_a_rule_of_stop_on_ends_the_run(runs):
    """Random weights never end a reply, so that all are cut off."""
    record = read_record(runs["stopped"].folder)
    (warning,) = [found for found in record.warnings if found["rule"] == "truncation"]
    assert warning["step"] == 2 and warning["stopped"]
    assert runs["stopped"].state["global_step"] == 2
    assert record.ends[0]["step"] == 2 and steps(runs["stopped"]) == [0, 2]
    assert "monitor: warning: truncation: " in runs["stopped"].log


def test_a_failure_of_the_monitor_ends_no_training(runs):
    """A reward of the user fails on held-out prompts at step 2, and quotes a client in doing so."""
    fragile, alone = runs["fragile"], runs["grpo_alone"]
    record = read_record(fragile.folder)
    (failure,) = record.failures
    assert failure["step"] == 2 and failure["reason"].startswith("ValueError at user_code.py:")
    assert steps(fragile) == [0, 4] and [end["rounds"] for end in record.ends] == [2]
    told = [line for line in fragile.log.splitlines() if "could not watch" in line]
    assert len(told) == 1 and told[0].endswith("; the training goes on")
    assert "Traceback" not in fragile.log and "I cannot bear this" not in fragile.log
    ours, theirs = weights(fragile), weights(alone)
    assert all(np.array_equal(value, theirs[key]) for key, value in ours.items())


def test_a_skipped_reward_is_not_called(runs, home):
    (path,) = (home / "seen").iterdir()
    batches = [json.loads(line) for line in path.read_text().splitlines()]
    assert [len(batch["prompts"]) for batch in batches] == [16] * 4
    points = read_record(runs["fragile"].folder).points
    assert all("reward/seen" not in point.figures for point in points)
    assert all("reward/fragile" in point.figures for point in points)


def test_a_resumed_run_goes_on_in_its_record(runs, train, workshop):
    before = read_record(runs["dpo"].folder).points
    (runs["dpo"].folder / "checkpoint-4/trainer_state.json").unlink()
    done = train({"dpo": Job("monitor_dpo.yml")})["dpo"]
    record = read_record(done.folder)
    assert [found["step"] for found in record.runs] == [0, 2]
    assert [point.step for point in record.points] == [0, 2, 4]
    for old, new in zip(before, record.points, strict=True):
        assert new.mean("words") == old.mean("words")  # the same weights and noise
    assert [end["step"] for end in record.ends] == [4, 4]
