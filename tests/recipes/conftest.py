"""Trainings of recipes in the workshop, and the GRPO recipe with a user's own functions."""

import contextlib
from pathlib import Path

import pytest
import yaml

from .trained import Trainer

USER_CODE = Path(__file__).with_name("user_code.py")


@pytest.fixture(scope="session")
def train(workshop):
    """Trains named jobs in the workshop, several at a time, by one process for all tests."""
    with contextlib.closing(Trainer(workshop)) as trainer:
        yield trainer


@pytest.fixture(scope="session")
def user_code(workshop):
    """Puts the user's reward and rollout function where recipes of the workshop find them."""
    (workshop / USER_CODE.name).symlink_to(USER_CODE)


@pytest.fixture(scope="session")
def with_user_code(workshop, user_code):
    """Writes the tiny GRPO recipe with the user's reward, and keys of the caller's choice."""

    def write(name, trl=None, **keys):
        recipe = yaml.safe_load((workshop / "recipes/tiny_grpo_empathy.yml").read_text())
        recipe["empathy"].pop("monitor", None)  # it would call the user's function too
        own = {"reward_funcs": ["user_code.seen"], "max_completion_length": 32}
        recipe["trl"] |= {**own, "num_generations": 4, "log_completions": True, **(trl or {})}
        recipe |= {"logging_steps": 1, "save_strategy": "steps", "output_dir": f"out/{name}"}
        recipe |= {"warmup_steps": 0, **keys}
        path = workshop / f"{name}.yml"
        path.write_text(yaml.safe_dump(recipe))
        return path.name

    return write
