import json

import numpy as np
import pytest

from emp_plugins.config import EmpathyConfig
from emp_plugins.rewards import build
from emp_tooling.audit.agreement import agreement, baseline_agreement, by_level, by_sum
from emp_tooling.audit.labels import EPITOME, read
from emp_tooling.suites.suite import Member, Suite, built_in, wrap


def suite(rewards, *more):
    config = EmpathyConfig.from_block({"rewards": rewards})
    return Suite((*map(built_in, build(config)), *more), config.resolved_template)


def fixed(name, values, weight=1.0):
    def call(**batch):
        return list(values)

    return Member(name, weight, call, lambda **batch: (list(values), {}))


@pytest.fixture
def labelled(epitome):
    return [read(f"epitome:{epitome}")]


def oracle(labelled, mechanism):
    return [float(row.levels[mechanism]) for row in labelled[0].rows]


def test_a_reward_that_knows_the_labels_is_perfect(labelled):
    known = fixed("known", oracle(labelled, "explorations"))
    found = agreement(suite({}, known), labelled)["known"]
    assert found["explorations"]["auc_any"] == found["explorations"]["auc_strong"] == 1.0
    assert found["explorations"]["auc_any_interval"] == [1.0, 1.0]
    assert found["emotional_reactions"]["auc_any"] < 1.0
    counts = {key: found["explorations"][key] for key in ("n", "n_any", "n_strong", "left_out")}
    assert counts == {"n": 14, "n_any": 5, "n_strong": 4, "left_out": 0}


def test_replies_without_a_score_are_left_out_and_counted(labelled):
    values = oracle(labelled, "interpretations")
    values[0] = values[4] = None
    found = agreement(suite({}, fixed("f", values)), labelled)
    assert found["f"]["interpretations"]["left_out"] == 2
    assert found["f"]["interpretations"]["n"] == 12
    assert found["total"]["interpretations"]["left_out"] == 0  # the total counts None as 0


def test_a_part_is_measured_against_the_mechanism_it_is_named_after(labelled):
    found = agreement(suite({"empathy": {}}), labelled)["empathy"]
    for mechanism in EPITOME:
        part = mechanism.replace("emotional_", "")
        assert found[mechanism]["part"] == part
        assert found[mechanism]["scalar"]["auc_any"] is not None
        assert found[part] == found[mechanism]  # both spellings are there
    assert found["explorations"]["auc_any"] > found["explorations"]["scalar"]["auc_any"]
    assert found["total"]["n_high"] == 2 and found["total"]["auc_high_low"] == 1.0


def test_single_rewards_are_measured_without_the_gate_and_the_total_with_it(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(
        "client,reply,level\n"
        "I am going to kill myself tonight.,I am so sorry. I care about you and I love you.,2\n"
        "The bus was late.,Mine was on time for once this week.,0\n"
    )
    found = agreement(suite({"empathy": {}, "safety": {"gate": True}}), [read(str(path))])
    assert found["empathy"]["x"]["auc_strong"] == 1.0
    assert found["total"]["x"]["auc_strong"] == 0.0


def test_every_reply_is_a_group_of_its_own(labelled):
    groups = []

    def call(**batch):
        groups.append(len({str(prompt) for prompt in batch["prompts"]}))
        return [0.0] * len(batch["completions"])

    member = Member("m", 1.0, call, lambda **batch: (call(**batch), {}))
    rows = labelled[0].rows
    same = [type(labelled[0])("twice", ("x",), (rows[0], rows[0]))]
    agreement(suite({}, member), same)
    assert groups == [2, 2]


def test_trivial_scores_have_the_same_shape(labelled):
    ours, trivial = (
        agreement(suite({"empathy": {}}), labelled),
        baseline_agreement(labelled, None),
    )
    assert set(trivial) == {"length", "keyword_count", "question_marks", "valence"}
    for entries in trivial.values():
        assert set(entries) == set(ours["total"])
    assert trivial["question_marks"]["explorations"]["auc_any"] == 1.0


def test_numbers_that_do_not_exist_are_null():
    values, words = [0.1, 0.2, 0.3], np.array([1.0, 2.0, 3.0])
    found = by_level(values, np.array([0, 0, 1]), words, seed=0)
    assert found["auc_strong"] is None and found["auc_strong_interval"] is None
    found |= by_level([None] * 3, np.array([0, 1, 2]), words, seed=0)
    found |= by_sum([0.5] * 3, np.array([[1, 1, 1], [1, 1, 1]]), seed=0)
    json.dumps(found, allow_nan=False)


def test_the_same_seed_gives_the_same_numbers(labelled):
    one = suite({"empathy": {}})
    assert agreement(one, labelled, 3) == agreement(one, labelled, 3)


def test_a_wrapped_reply_is_well_formed_in_any_template():
    from emp_plugins.completion import Template

    r1 = Template(reasoning_tag="think", answer_tag=None, reasoning_prefilled=True, fields=())
    for template in (Template(), r1, Template(fields=("a", "b"), intensity_field="b")):
        parsed = template.parse(wrap(template, "I am so sorry."))
        assert parsed.problems == () and parsed.answer == "I am so sorry."
