"""What beta does in DPO: the higher it is, the nearer the policy stays to its reference."""

import pytest

from .trained import Job

pytestmark = [pytest.mark.train, pytest.mark.slow]
BETAS = (0.05, 0.1, 0.5)
SMALL = {"max_steps": 40, "micro_batch_size": 4, "warmup_steps": 2}
LAST = 10


def test_a_higher_beta_holds_the_policy_nearer_to_its_reference(train):
    """In nats, by the mean log-ratio of policy to reference over chosen and rejected replies."""
    recipe = "recipes/tiny_dpo_cbt.yml"
    jobs = {f"beta_{beta}": Job(recipe, {**SMALL, "rl_beta": beta}) for beta in BETAS}
    drifts = [
        drift(trained, beta) for trained, beta in zip(train(jobs).values(), BETAS, strict=True)
    ]
    assert drifts[0] > drifts[1] > drifts[2] > 0


def drift(trained, beta):
    """The mean size of the log-ratio in the last steps; TRL logs it times beta, as a reward."""
    sides = [trained.logged(f"rewards/{side}")[-LAST:] for side in ("chosen", "rejected")]
    return sum(abs(sum(side) / LAST / beta) for side in sides) / len(sides)
