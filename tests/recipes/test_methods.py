"""Every method's tiny recipe trains for real: sft, dpo, kto, orpo, grpo and its normalized twin."""

import math

import numpy as np
import pytest
import yaml

from .trained import SEVEN, Job

pytestmark = pytest.mark.train
START = {"warmup_steps": 0}
SMALL = {**START, "max_steps": 3, "micro_batch_size": 4}
SMALL_GRPO = {
    **START,
    "max_steps": 2,
    "micro_batch_size": 16,
    "trl__log_completions": True,
    "trl__rollout_func": "user_code.rollout",  # half of the replies are real ones
}
JOBS = {
    "tiny_sft": Job("recipes/tiny_sft.yml", {**START, "max_steps": 6}),
    "tiny_dpo_cbt": Job("recipes/tiny_dpo_cbt.yml", SMALL),
    "tiny_kto_cbt": Job("recipes/tiny_kto_cbt.yml", SMALL),
    "tiny_orpo_cbt": Job("recipes/tiny_orpo_cbt.yml", SMALL),
    "tiny_grpo_empathy": Job("recipes/tiny_grpo_empathy.yml", SMALL_GRPO),
    "tiny_grpo_normalized": Job("recipes/tiny_grpo_normalized.yml", SMALL_GRPO),
}
PREFERENCES = ("tiny_dpo_cbt", "tiny_kto_cbt", "tiny_orpo_cbt")
GRPO = ("tiny_grpo_empathy", "tiny_grpo_normalized")


@pytest.fixture(scope="module")
def trained(train, user_code):
    return train(JOBS)


def test_no_tiny_recipe_is_left_out(workshop):
    assert {path.stem for path in (workshop / "recipes").glob("tiny_*.yml")} == set(JOBS)


def test_sft(trained):
    sft = trained["tiny_sft"]
    assert (sft.folder / "model.safetensors").exists()
    first, *_, last = sft.losses
    assert last < first  # six steps from random weights already learn the commonest tokens


@pytest.mark.parametrize("name", [*PREFERENCES, *GRPO])
def test_steps_and_adapter(trained, name):
    """As many steps as asked, and every projection of every layer moved off its start."""
    done = trained[name]
    assert len(done.losses) == done.state["global_step"] == JOBS[name].overrides["max_steps"]
    assert done.targets == SEVEN  # what `lora_target_linear` means on this architecture
    assert len(done.moved) == 2 * len(SEVEN) and all(done.moved.values())


def test_dpo_starts_from_its_reference(trained):
    losses = trained["tiny_dpo_cbt"].losses
    assert losses[0] == pytest.approx(math.log(2), abs=0.05)  # policy and reference still agree
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("name", GRPO)
def test_grpo_logs_every_reward(trained, workshop, name):
    """Every reward has a mean at every step; the random model's own half is not well-formed."""
    done = trained[name]
    rewards = yaml.safe_load((workshop / JOBS[name].recipe).read_text())["empathy"]["rewards"]
    for reward in rewards:
        means = done.logged(f"rewards/{reward}/mean")
        assert len(means) == 2 and all(map(math.isfinite, means))
    assert done.logged("structure/well_formed") == [0.5, 0.5]
    assert all(map(math.isfinite, done.logged("empathy/reactions")))


@pytest.mark.parametrize("name", GRPO)
def test_aggregation_of_rewards(trained, workshop, name):
    """The advantages that TRL trained on are those of the aggregation that the recipe names."""
    import pandas

    recipe = yaml.safe_load((workshop / JOBS[name].recipe).read_text())
    rewards = recipe["empathy"]["rewards"]
    weights = np.array([spec["weight"] for spec in rewards.values()])
    for path in sorted(trained[name].folder.glob("completions/*.parquet")):
        table = pandas.read_parquet(path)
        values = table[list(rewards)].to_numpy(dtype=float)
        groups = values.reshape(-1, recipe["trl"]["num_generations"], len(weights))
        expected = {"tiny_grpo_empathy": summed, "tiny_grpo_normalized": normalized}[name]
        np.testing.assert_allclose(table["advantage"], expected(groups, weights), atol=2e-3)
        assert np.abs(table["advantage"]).max() > 0.1


def standard(values, axis):
    """Standard scores along an axis."""
    spread = values.std(axis=axis, ddof=1, keepdims=True)
    return (values - values.mean(axis=axis, keepdims=True)) / (spread + 1e-4)


def summed(groups, weights):
    """The weighted sum, standardized within each group."""
    return standard(groups @ weights, axis=1).ravel()


def normalized(groups, weights):
    """Each reward standardized within its group, then their weighted sum over the whole batch."""
    return standard((standard(groups, axis=1) @ weights).ravel(), axis=0)
