import json

import pytest
import yaml

from emp_plugins.monitor.prompts import SHIPPED
from emp_tooling.evaluate.material import gather
from emp_tooling.evaluate.settings import Settings
from emp_tooling.recipe import read_recipe

HEADED = "[STATE: MDD, Low-Introspection] Patient: I hide in the kitchen."


@pytest.fixture
def recipe(tmp_path):
    data = tmp_path / "train.jsonl"
    data.write_text(json.dumps({"prompt": [{"role": "user", "content": HEADED}]}) + "\n")
    template = tmp_path / "template.yml"
    template.write_text("system: Be kind.\n")
    path = tmp_path / "recipe.yml"
    block = {"template": str(template), "rewards": {"structure": {}}}
    path.write_text(yaml.safe_dump({"datasets": [{"path": str(data)}], "empathy": block}))
    return path


def gathered(recipe, **options):
    return gather(Settings(recipe, recipe.parent / "out", **options), read_recipe(recipe))


def test_prompts_look_as_in_training(recipe):
    found = gathered(recipe, parts=("single",), n=30)
    assert len(found.prompts) == 30 and found.style == "short"
    for row in found.prompts:
        assert row["prompt"][0] == {"role": "system", "content": "Be kind."}
        assert row["prompt"][-1]["content"].startswith("[STATE: ")
    assert set(found.clusters) == {row["persona"] for row in found.prompts}
    assert found.prompts_file == f"shipped ({SHIPPED.name})" and len(found.prompts_sha256) == 64
    assert not found.statements and not found.personas


def test_with_few_personas_prompts_with_the_same_words_stand_together(recipe, tmp_path):
    own = tmp_path / "own.jsonl"
    said = ["I hide.", "I hide.", "I drink."]
    own.write_text("\n".join(json.dumps({"prompt": text, "persona": "mdd"}) for text in said))
    assert gathered(recipe, parts=("single",), prompts=own).clusters == said


@pytest.mark.parametrize(("n", "statements", "instructions"), [(1, 3, 1), (40, 40, 40)])
def test_a_few_guards_are_of_every_kind(recipe, n, statements, instructions):
    found = gathered(recipe, parts=("guards",), n=n)
    assert len({one.kind for one in found.statements}) == 3
    assert abs(len(found.statements) - statements) <= 1
    assert len(found.instructions) == instructions
    whole = gathered(recipe, parts=("guards",))
    shares = [
        sum(one.kind == "true" for one in some) / len(some)
        for some in (found.statements, whole.statements)
    ]
    assert n == 1 or shares[0] == pytest.approx(shares[1], abs=0.05)


def test_the_rewards_are_the_recipes_with_the_users_own(recipe, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "joy_words.py").write_text(
        "def joy(completions, **_):\n    return [1.0 for _ in completions]\n"
    )
    content = yaml.safe_load(recipe.read_text())
    trl = {"reward_funcs": ["joy_words.joy"], "reward_weights": [3.0]}
    recipe.write_text(yaml.safe_dump({**content, "rl": "grpo", "trl": trl}))
    found = gathered(recipe, parts=("guards",), n=1)
    assert {name: weight for name, (_, weight) in found.rewards.items()} == {
        "joy_words.joy": 3.0,
        "structure": 1.0,
    }
    assert found.own_rewards
