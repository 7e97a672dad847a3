"""A wrong recipe stops with one line before anything is loaded."""

import pytest
import yaml

from .trained import Job

pytestmark = pytest.mark.train


def test_stops_with_a_line(train, workshop):
    recipe = yaml.safe_load((workshop / "recipes/tiny_grpo_empathy.yml").read_text())
    recipe["empathy"]["rewards"]["empaty"] = {}
    (workshop / "wrong.yml").write_text(yaml.safe_dump(recipe))
    done = train({"wrong": Job("wrong.yml")}, check=False)["wrong"]
    assert done.status != 0
    assert "empathy.rewards.empaty: unknown reward; did you mean empathy?" in done.log
    assert "Traceback" not in done.log
    assert "Loading weights" not in done.log  # nothing was loaded before
