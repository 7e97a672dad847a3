"""The tiny GRPO recipe on two processes: both score, and score what one process would."""

import json

import numpy as np
import pytest
import yaml

from emp_plugins.config import EmpathyConfig
from emp_plugins.rewards import build

pytestmark = pytest.mark.train
RANKS, STEPS, BATCH = 2, 2, 8


@pytest.fixture(scope="module")
def two(run, workshop, with_user_code):
    """The recipe and, step by step, what each rank's rewards were given and what was logged."""
    import pandas

    trl = {"rollout_func": "user_code.rollout"}
    name = with_user_code("two", trl, micro_batch_size=BATCH, max_steps=STEPS)
    command = ("torchrun", "--nproc_per_node", RANKS, "-m", "axolotl.cli.train", name)
    env = {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1", "SEEN": "out/two"}
    run(*command, cwd=workshop, **env)
    folder = workshop / "out/two"
    seen = [
        [json.loads(line) for line in (folder / f"seen_{rank}.jsonl").read_text().splitlines()]
        for rank in range(RANKS)
    ]
    tables = [pandas.read_parquet(path) for path in sorted(folder.glob("completions/*.parquet"))]
    return yaml.safe_load((workshop / name).read_text()), seen, tables


def test_both_ranks_call_the_rewards(two):
    """Each with its own half of the batch, and every column of the data."""
    _, seen, tables = two
    for calls in seen:
        assert [len(call["completions"]) for call in calls] == [BATCH] * STEPS
        assert {"risk", "state", "persona"} <= calls[0]["columns"].keys()
    assert seen[0][0]["completions"] != seen[1][0]["completions"]
    assert [len(table) for table in tables] == [RANKS * BATCH] * STEPS


@pytest.mark.parametrize("step", range(STEPS))
def test_rewards_are_those_of_one_process(two, step):
    """What TRL gathered from both ranks, against all completions scored by one call here."""
    recipe, seen, tables = two
    calls = [rank[step] for rank in seen]
    prompts = [prompt for call in calls for prompt in call["prompts"]]
    completions = [completion for call in calls for completion in call["completions"]]
    names = calls[0]["columns"]
    columns = {name: [v for call in calls for v in call["columns"][name]] for name in names}
    for reward in build(EmpathyConfig.from_recipe(recipe)):
        values = np.array(reward(prompts, completions, **columns), dtype=float)
        logged = tables[step][reward.__name__].to_numpy(dtype=float)
        np.testing.assert_allclose(logged, values, rtol=1e-5, atol=1e-6, err_msg=reward.__name__)
        assert len(set(logged)) > 1, reward.__name__  # they do tell these replies apart


def test_a_users_reward_stands_behind_the_gate(two):
    """Its own value for a safe reply, and the floor of the gate for every unsafe one."""
    _, seen, tables = two
    for step, table in enumerate(tables):
        texts = [reply[0]["content"] for rank in seen for reply in rank[step]["completions"]]
        lengths = np.array([float(len(text)) for text in texts])
        unsafe = table["safety"].to_numpy() < 0
        seen_values = table["seen"].to_numpy()
        assert unsafe.any() and not unsafe.all()
        np.testing.assert_array_equal(seen_values[~unsafe], lengths[~unsafe])
        assert (seen_values[unsafe] <= 0).all()
