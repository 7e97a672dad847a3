"""Asynchronous GRPO fails in the pinned stack, which is why `emp check` refuses it."""

import pytest
import yaml

from emp_plugins.check.recipe import Recipe
from emp_plugins.check.settings import arithmetic

from .trained import Job

pytestmark = [pytest.mark.train, pytest.mark.slow]
SETTINGS = {
    "use_data_producer": {"use_data_producer": True},
    "async_prefetch": {"use_data_producer": True, "async_prefetch": True},
}
LIFT = "asynchronous GRPO runs with this pin: lift the rule of check/settings/arithmetic"


@pytest.fixture(scope="module")
def trained(train, workshop, user_code):
    """Runs without our plugin, which would stop them before they fail."""
    jobs = {}
    for name, keys in SETTINGS.items():
        recipe = yaml.safe_load((workshop / "recipes/tiny_grpo_empathy.yml").read_text())
        del recipe["plugins"], recipe["empathy"]
        own = {"reward_funcs": ["user_code.seen"], "num_generations": 4}
        recipe["trl"] |= {**own, "max_completion_length": 16, **keys}
        recipe |= {"micro_batch_size": 4, "max_steps": 2, "warmup_steps": 0}
        path = workshop / f"{name}.yml"
        path.write_text(yaml.safe_dump(recipe))
        jobs[name] = Job(path.name, env={"SEEN": f"out/{name}"})
    return train(jobs, check=False)


@pytest.mark.parametrize("name", SETTINGS)
def test_it_fails_and_the_check_says_so(trained, workshop, name):
    done = trained[name]
    assert done.status != 0, LIFT
    assert "unexpected keyword argument 'num_tiles'" in done.log
    found = list(arithmetic.check(Recipe.read(workshop / f"{name}.yml")))
    assert f"trl.{name}" in {finding.key for finding in found if finding.severity == "error"}
