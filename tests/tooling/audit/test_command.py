import json

import pytest
import yaml
from click.testing import CliRunner

from emp_tooling.audit.attacks import families
from emp_tooling.cli import main
from emp_tooling.suites.build import embedded_only, from_recipe, presets

BLOCK = {
    "rewards": {
        "semantic_similarity": {"weight": 1.0},
        "empathy": {"weight": 1.0},
        "structure": {"weight": 0.5},
        "safety": {"weight": 1.0, "gate": True},
    }
}


def write(path, **more):
    path.write_text(yaml.safe_dump({"rl": "grpo", "empathy": BLOCK, **more}, sort_keys=False))
    return path


@pytest.fixture
def recipe(tmp_path):
    return write(tmp_path / "recipe.yml")


def audit(recipe, *more, code=0):
    result = CliRunner().invoke(main, ["audit", str(recipe), *map(str, more)])
    assert result.exit_code == code, result.output
    return result


def test_json_is_one_object_with_every_key_of_the_contract(recipe, epitome, tmp_path):
    labels = f"epitome:{epitome}"
    out = tmp_path / "made" / "audit"
    command = ("--embedded", "--labels", labels, "--n", 6, "--format", "json", "--out", out)
    done = audit(recipe, *command)
    found = json.loads(done.stdout)
    for reward in (*BLOCK["rewards"], "total"):
        for mechanism in ("emotional_reactions", "reactions", "interpretations", "explorations"):
            entry = found["agreement"][reward][mechanism]
            assert {"auc_any", "auc_strong"} <= set(entry)
    assert found["agreement"]["empathy"]["emotional_reactions"]["part"] == "reactions"
    assert found["agreement"]["empathy"]["total"]["auc_high_low"] is not None
    assert set(found["baselines"]) == {"length", "keyword_count", "question_marks", "valence"}
    assert set(found["attacks"]) == set(families())
    for row in found["attacks"].values():
        assert 0 <= row["win_rate"] <= 1 and row["own"]["pairs"] and row["human"]["pairs"]
    assert {"recall_explicit", "recall_coded", "false_alarm"} <= set(found["risk"])
    seed = found["presets"]["seed"]
    assert set(seed["attacks"]) == set(families()) and "total" in seed["agreement"]
    assert json.loads((out / "audit.json").read_text()) == found
    page = (out / "audit.html").read_text()
    for text in (done.output, page):  # nothing that a labelled client or reply says
        assert "mother" not in text and "birthday" not in text
    assert json.loads(audit(recipe, *command).stdout) == found  # the same seed, the same numbers


def test_without_labels_agreement_is_left_out_and_said(recipe):
    done = audit(recipe, "--embedded", "--only", "agreement", "--format", "json")
    found = json.loads(done.stdout)
    assert "agreement" not in found and "--labels" in " ".join(found["notes"])


def test_one_part_alone(recipe):
    found = json.loads(audit(recipe, "--only", "risk", "--format", "json").stdout)
    assert "risk" in found and not {"agreement", "attacks", "baselines"} & set(found)


def test_the_table_is_the_default(recipe):
    text = audit(recipe, "--embedded", "--only", "attacks", "--n", 4, "--preset", "none").stdout
    assert "Attacks that beat a good reply" in text and "joy words" in text and "seed" not in text


USERS = """
def even(prompts, completions, log_extra, log_metric, **columns):
    log_extra("chars", [])
    return [float(len(c[0]["content"]) % 2) for c in completions]
"""


def test_a_users_own_reward_is_audited_behind_the_gate(tmp_path, epitome, monkeypatch):
    (tmp_path / "audit_users_rewards.py").write_text(USERS)
    monkeypatch.chdir(tmp_path)
    trl = {"reward_funcs": ["audit_users_rewards.even"], "reward_weights": [2.0]}
    recipe = write(tmp_path / "recipe.yml", trl=trl)
    command = ("--labels", f"epitome:{epitome}", "--n", 4, "--format", "json")
    found = json.loads(audit(recipe, *command).stdout)
    assert found["rewards"]["audit_users_rewards.even"] == 2.0
    assert "audit_users_rewards.even" in found["agreement"]
    member = from_recipe(yaml.safe_load(recipe.read_text()), recipe).members[0]
    unsafe = [[{"role": "assistant", "content": "Ok."}]]
    assert member.call(prompts=["Hello."], completions=unsafe) == [-10.0]  # the floor of the gate


def test_a_reward_model_is_left_out_and_said(tmp_path):
    block = {"rewards": {"structure": {}}}
    recipe = write(tmp_path / "r.yml", empathy=block, trl={"reward_funcs": ["some/reward-model"]})
    found = json.loads(audit(recipe, "--only", "risk", "--format", "json").stdout)
    assert found["notes"] == ["some/reward-model is left out: a reward model, not a function."]
    assert list(found["rewards"]) == ["structure"]


def test_other_backends_are_swapped_for_the_embedded_ones():
    block = {
        "judges": {"emotion": {"backend": "hf", "model": "x/y"}, "similarity": {}},
        "rewards": {"empathy": None, "safety": {}},
    }
    swapped, notes = embedded_only(block)
    assert swapped["judges"] == {"similarity": {}} and notes == []
    assert swapped["rewards"] == block["rewards"] and block["judges"]["emotion"]["model"] == "x/y"


def test_a_reward_without_an_embedded_judge_is_left_out_and_said(monkeypatch):
    from emp_plugins.rewards import structure

    monkeypatch.setattr(structure, "NEEDS", ("oracle",))
    swapped, notes = embedded_only({"rewards": {"structure": {}, "safety": {}}})
    assert list(swapped["rewards"]) == ["safety"]
    assert notes == ["structure is left out: there is no embedded judge for oracle."]


def test_the_seed_is_a_preset():
    assert "seed" in presets()


@pytest.mark.parametrize(
    ("change", "more", "words"),
    [
        ({"empathy": None}, (), "recipe.yml: empathy: no such block"),
        ({"empathy": {"rewards": {}}}, (), "recipe.yml: empathy.rewards: no rewards are left"),
        ({"empathy": {"rewards": {"empaty": {}}}}, (), "did you mean 'empathy'?"),
        ({"empathy": [1]}, ("--embedded",), "empathy: expected a mapping"),
        ({}, ("--labels", "epitome:/no/where"), "/no/where: no such folder"),
        ({}, ("--preset", "sead"), "--preset sead: no such preset; did you mean 'seed'?"),
        ({"trl": {"reward_funcs": ["no_such_module.fn"]}}, (), "no_such_module.fn: cannot be"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, change, more, words):
    recipe = write(tmp_path / "recipe.yml", **change)
    done = audit(recipe, *more, "--out", tmp_path / "o", code=2)
    assert words in done.stderr and done.stderr.count("\n") == 1 and done.stdout == ""
    assert not (tmp_path / "o").exists()
