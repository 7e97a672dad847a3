"""Our arithmetic of groups against TRL's own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.check import Recipe
from emp_plugins.check.settings.arithmetic.groups import Batch, check

SMALL = st.integers(1, 12)
EXPLICIT = st.none() | st.integers(1, 100)


@pytest.fixture(scope="module")
def refuses(tmp_path_factory):
    """Whether TRL refuses the numbers of a batch, on a given number of processes."""
    from trl.trainer.grpo_config import GRPOConfig

    folder = str(tmp_path_factory.mktemp("grpo"))

    def ask(batch, **evaluation):
        # the only part of TRL's arithmetic that comes from the launcher
        config = type("Config", (GRPOConfig,), {"world_size": batch.processes})
        try:
            made = config(
                output_dir=folder,
                per_device_train_batch_size=batch.micro,
                gradient_accumulation_steps=batch.accumulation,
                generation_batch_size=batch.explicit,
                num_generations=batch.generations,
                bf16=False,
                use_cpu=True,
                report_to=[],
                **evaluation,
            )
        except ValueError as error:
            assert "divisible" in str(error)
            return True
        size = batch.explicit or batch.micro * batch.accumulation * batch.processes
        assert made.generation_batch_size == size
        return False

    return ask


@settings(max_examples=150)
@given(SMALL, SMALL, st.integers(1, 4), st.integers(2, 9), EXPLICIT)
def test_our_verdict_is_trl_s(refuses, micro, accumulation, processes, generations, explicit):
    batch = Batch(micro, accumulation, processes, generations, explicit)
    assert (batch.fault is not None) == refuses(batch)


@given(SMALL, st.integers(1, 4), st.integers(2, 9), SMALL)
def test_so_it_is_of_a_recipe_that_evaluates(refuses, micro, processes, generations, evaluated):
    recipe = Recipe(
        "a.yml",
        {
            "rl": "gdpo",  # Axolotl adds nothing to TRL's arithmetic here
            "micro_batch_size": micro,
            "trl": {"num_generations": generations},
            "val_set_size": 0.1,
            "eval_steps": 5,
            "eval_batch_size": evaluated,
        },
        world_size=processes,
    )
    batch = Batch(micro, 1, processes, generations)
    evaluation = {"eval_strategy": "steps", "eval_steps": 5}
    trl_s = refuses(batch, per_device_eval_batch_size=evaluated, **evaluation)
    assert bool(list(check(recipe))) == trl_s


@given(SMALL, SMALL, st.integers(1, 4), st.integers(2, 9), EXPLICIT)
def test_axolotl_only_adds(micro, accumulation, processes, generations, explicit):
    """What TRL refuses stays refused where Axolotl's check comes on top of it."""
    numbers = (micro, accumulation, processes, generations, explicit)
    if Batch(*numbers).fault:
        assert Batch(*numbers, axolotl=True).fault
